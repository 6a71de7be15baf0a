import { addCosts, type CompositeMetadata, type CostTotal, formatUsd } from 'ai-composite';

/** One call for the table; without a report it failed. */
export type Row = {
  readonly task: string;
  readonly report?: CompositeMetadata;
  readonly usage?: { readonly inputTokens: number | undefined; readonly outputTokens: number | undefined };
  readonly cost?: CostTotal;
};

/** The table: task, candidate that served, attempts with reasons, tokens, cost, and the total in the last line. */
export function formatRows(rows: ReadonlyArray<Row>): string {
  const total = addCosts(rows.map(({ cost }) => cost));
  const lines = [
    ['task', 'served by', 'attempts', 'tokens in/out', 'cost'],
    ...rows.map(row => [
      row.task,
      row.report?.candidate ?? 'nobody',
      attemptsOf(row),
      tokensOf(row),
      formatUsd(row.cost),
    ]),
    ['total', '', '', '', formatUsd(total)],
  ];
  const widths = [0, 1, 2, 3, 4].map(column => Math.max(...lines.map(cells => cells[column]?.length ?? 0)));
  const toLine = (cells: ReadonlyArray<string>) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  const rule = widths.map(width => '-'.repeat(width)).join('  ');
  return [
    ...lines.slice(0, 1).map(toLine),
    rule,
    ...lines.slice(1, -1).map(toLine),
    rule,
    ...lines.slice(-1).map(toLine),
  ].join('\n');
}

/** Every attempt in its order, with the reason where it failed: `google overloaded 503, google overloaded 503, openai ok`. */
function attemptsOf({ report }: Row): string {
  const attempts = report?.attempts ?? [];
  const words = attempts.map(({ candidate, outcome, failureKind, statusCode }) => {
    const status = statusCode === undefined || statusCode < 400 ? undefined : statusCode;
    const reason = outcome === 'success' ? ['ok'] : [failureKind ?? outcome, status];
    return [candidate.split('/')[0], ...reason].filter(word => word !== undefined).join(' ');
  });
  return words.join(', ') || 'see above';
}

function tokensOf({ usage }: Row): string {
  return usage === undefined ? '-' : `${usage.inputTokens ?? '?'} / ${usage.outputTokens ?? '?'}`;
}
