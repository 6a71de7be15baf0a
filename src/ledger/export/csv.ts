/** One line of CSV (RFC 4180); what is undefined is empty. */
export function csvLine(cells: ReadonlyArray<string | number | undefined>): string {
  return `${cells.map(cell => (cell === undefined ? '' : csvCell(cell))).join(',')}\r\n`;
}

function csvCell(cell: string | number): string {
  if (typeof cell === 'number') return String(cell);
  // A spreadsheet would run such a text as a formula. Source: owasp.org, CSV Injection.
  const text = /^[=+\-@\t\r]/.test(cell) && !/^-?\d+(\.\d+)?$/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
