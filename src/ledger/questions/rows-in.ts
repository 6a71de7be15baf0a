import type { Dialect } from '../database/database.ts';
import { requestRows, timeRows } from '../database/roll-up.ts';
import { dayCounts, dayKeys, tables, timeKeys } from '../database/schema.ts';
import { type Pieces, piecesOf, type Span } from './period.ts';
import type { Parameters } from './statement.ts';

/** Which rows a question is about. */
export type RowsOptions = {
  readonly span: Span;
  /** The tags it asks for or by; their values are the columns `tag_1`, `tag_2` and so on. */
  readonly tags: ReadonlyArray<string>;
  readonly parameters: Parameters;
  readonly dialect: Dialect;
};

const dayColumns = [...Object.keys(dayKeys), ...Object.keys(dayCounts)];
const timeColumns = [...Object.keys(timeKeys), 'n'];

/**
 * The rows of a period. Whole days are summed up already, all together and for each tag; the ends of the period are summed up
 * now, and so is everything where a question is about two tags at once, which takes longer.
 */
export function dayRowsIn(options: RowsOptions): string {
  const { span, tags, parameters } = options;
  const { days, ends } = piecesOf(span);
  const [tag] = tags;
  const fromRequests = (part: Span) =>
    withTags({
      ...options,
      rows: requestRows({ ...tables, where: startedIn({ span: part, parameters }) }),
      columns: dayColumns,
    });
  if (tags.length > 1) return fromRequests(span);
  const whole =
    tag === undefined
      ? `SELECT ${dayColumns.join(', ')} FROM ${tables.days} WHERE ${dayIn({ days, parameters })}`
      : wholeDaysByTag({ tag, days, parameters });
  return [whole, ...ends.map(fromRequests)].join(' UNION ALL ');
}

/** The times of a period; whole days are counted already, unless it is about a tag. */
export function timeRowsIn(options: RowsOptions): string {
  const { span, tags, parameters } = options;
  const { days, ends } = piecesOf(span);
  const fromRequests = (part: Span) =>
    withTags({
      ...options,
      rows: timeRows({ ...tables, where: startedIn({ span: part, parameters }) }),
      columns: timeColumns,
    });
  if (tags.length > 0) return fromRequests(span);
  const whole = `SELECT ${timeColumns.join(', ')} FROM ${tables.times} WHERE ${dayIn({ days, parameters })}`;
  return [whole, ...ends.map(fromRequests)].join(' UNION ALL ');
}

/** The rows of a tag, and, as those without it, all rows less these. */
function wholeDaysByTag({
  tag,
  days,
  parameters,
}: Pick<RowsOptions, 'parameters'> & { readonly tag: string; readonly days: Pieces['days'] }): string {
  const keys = Object.keys(dayKeys).join(', ');
  const counts = Object.keys(dayCounts);
  const tagged = `FROM ${tables.tagDays} WHERE tag_name = ${parameters.add(tag)} AND ${dayIn({ days, parameters })}`;
  return `SELECT ${keys}, ${counts.join(', ')}, tag_value AS tag_1 ${tagged}
    UNION ALL SELECT ${keys}, ${counts.join(', ')}, NULL FROM ${tables.days} WHERE ${dayIn({ days, parameters })}
    UNION ALL SELECT ${keys}, ${counts.map(name => `-${name}`).join(', ')}, NULL ${tagged}`;
}

function withTags({
  rows,
  columns,
  tags,
  parameters,
  dialect,
}: Omit<RowsOptions, 'span'> & { readonly rows: string; readonly columns: ReadonlyArray<string> }): string {
  const values = tags.map(
    (name, index) => `${dialect.tagOf({ tags: 'tags', name: parameters.add(name) })} AS tag_${index + 1}`,
  );
  return `SELECT ${[...columns, ...values].join(', ')} FROM (${rows}) q`;
}

function startedIn({ span: { fromMs, toMs }, parameters }: Pick<RowsOptions, 'span' | 'parameters'>): string {
  const from = `c.started_at >= ${parameters.add(fromMs)}`;
  return toMs === Number.POSITIVE_INFINITY ? from : `${from} AND c.started_at < ${parameters.add(toMs)}`;
}

function dayIn({
  days,
  parameters,
}: Pick<RowsOptions, 'parameters'> & { readonly days: Pieces['days'] }): string {
  return `day >= ${parameters.add(days.first)} AND day < ${parameters.add(days.end)}`;
}
