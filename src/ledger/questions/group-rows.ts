import type { Row } from '../database/database.ts';

/** Rows by a key, in their order. */
export function groupRows({
  rows,
  keyOf,
}: {
  readonly rows: ReadonlyArray<Row>;
  readonly keyOf: (row: Row) => string;
}): ReadonlyMap<string, ReadonlyArray<Row>> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return groups;
}
