/** Reads comma-separated values as RFC 4180 has them: quoted fields, doubled quotes, line breaks inside of quotes. */
export function parseCsv(text: string): ReadonlyArray<ReadonlyArray<string>> {
  const rows: string[][] = [];
  let row: string[] = [];
  // A field, then what ends it; a quoted one may hold anything, a quote twice.
  for (const match of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    const [whole, quoted, plain = '', end] = match;
    if (whole === '' && row.length === 0) break;
    row.push(quoted?.replaceAll('""', '"') ?? plain);
    if (end === ',') continue;
    rows.push(row);
    row = [];
  }
  return rows;
}
