import type * as z from 'zod/v4';
import { strictOptions } from '../../boundary/check.ts';
import type { Database, Row } from '../database/database.ts';
import { conditionsOf, type Filter, filterSchema } from './filter.ts';
import { type GroupBy, groupBySchema, groupColumns, groupNames, tagIn } from './grouping.ts';
import { momentSchema, type Period, type Span } from './period.ts';
import type { RowsOptions } from './rows-in.ts';
import { createParameters } from './statement.ts';

/** A question about sums: of which period and calls, and by what they are told apart. */
export type GroupedQuestion<BY extends GroupBy = GroupBy> = Period & {
  /** Default: one row for all. */
  readonly by?: ReadonlyArray<BY>;
  readonly where?: Filter;
};

/** What such a question may have. */
export const groupedSchema = strictOptions({
  from: momentSchema,
  to: momentSchema,
  by: groupBySchema,
  where: filterSchema,
} satisfies Record<keyof GroupedQuestion, z.ZodType>);

/** Where and how sums are taken. */
export type Grouped = {
  readonly database: Database;
  readonly by: ReadonlyArray<GroupBy>;
  readonly where: Filter;
  readonly span: Span;
};

/** Sums of columns over the rows of a period, a row a group, in the order of the groups. */
export function sumsOf({
  database: { dialect, query },
  by,
  where,
  span,
  rowsIn,
  sums,
  keys = [],
}: Grouped & {
  readonly rowsIn: (options: RowsOptions) => string;
  readonly sums: ReadonlyArray<string>;
  /** Columns that tell rows apart beside the groups. */
  readonly keys?: ReadonlyArray<string>;
}): Promise<ReadonlyArray<Row>> {
  const tags = [...new Set([...by.flatMap(name => tagIn(name) ?? []), ...Object.keys(where.tags ?? {})])];
  const tagColumn = (name: string) => `tag_${tags.indexOf(name) + 1}`;
  const parameters = createParameters();
  const columns = [...groupColumns({ by, dialect, tagColumn }), ...keys, ...sums.map(sumOf)];
  const conditions = conditionsOf({ filter: where, parameters, tagColumn });
  const names = [...groupNames(by), ...keys];
  return query(
    parameters.statement(`
      SELECT ${columns.join(', ')} FROM (${rowsIn({ span, tags, parameters, dialect })}) r
      ${conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`}
      ${names.length === 0 ? '' : `GROUP BY ${names.join(', ')} HAVING ${sums.map(name => `SUM(${name}) <> 0`).join(' OR ')}`}
      ${names.length === 0 ? '' : `ORDER BY ${names.join(', ')}`}`),
  );
}

/** As text: a sum may be above what a double holds, and each client gives large numbers in its own way. */
function sumOf(column: string): string {
  return `CAST(COALESCE(SUM(${column}), 0) AS TEXT) AS ${column}`;
}
