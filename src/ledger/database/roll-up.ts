import type { Dialect } from './database.ts';
import { dayCounts, dayKeys, tables, tagDayKeys, timeKeys } from './schema.ts';

/** Where rows of calls and attempts are read from: the tables, or what a statement has just written. */
export type From = { readonly calls: string; readonly attempts: string; readonly where?: string };

/**
 * A row a request, with what a day counts of it, and its `tags`. A call without a request has a row all the same, or it would
 * be counted nowhere.
 */
export function requestRows({ calls, attempts, where = 'TRUE' }: From): string {
  const counts = Object.entries(dayCounts).map(([name, sql]) => `${sql} AS ${name}`);
  return `
    SELECT ${Object.keys(dayKeys).join(', ')}, tags, duration_step, first_chunk_step, ${counts.join(', ')} FROM (
      SELECT c.day, c.task, c.tags, c.outcome AS call_outcome, c.fell_back AS call_fell_back,
        COALESCE(a.counts_call, 1) AS counts_call,
        CASE WHEN a.call_id IS NULL THEN 0 ELSE 1 END AS is_request,
        CASE WHEN a.call_id IS NULL OR a.n = 'classify' THEN 0 ELSE 1 END AS is_attempt,
        COALESCE(a.candidate, '') AS candidate, COALESCE(a.provider, '') AS provider, COALESCE(a.model, '') AS model,
        COALESCE(a.outcome, c.outcome) AS outcome, COALESCE(a.failure_kind, '') AS failure_kind,
        COALESCE(a.nano_usd, 0) AS nano_usd, COALESCE(a.atto_usd, 0) AS atto_usd,
        COALESCE(a.cost_status, 'priced') AS cost_status,
        COALESCE(a.input_tokens, 0) AS input_tokens, COALESCE(a.cache_read_tokens, 0) AS cache_read_tokens,
        COALESCE(a.cache_write_tokens, 0) AS cache_write_tokens, COALESCE(a.output_tokens, 0) AS output_tokens,
        COALESCE(a.reasoning_tokens, 0) AS reasoning_tokens,
        a.duration_step, a.first_chunk_step
      FROM ${calls} c LEFT JOIN ${attempts} a ON a.call_id = c.id AND a.is_leaf = 1
      WHERE ${where}
    ) j`;
}

/** A row a time that was measured: how long an answer took, or its first output. */
export function timeRows(from: From): string {
  const { measure: _measure, step: _step, ...keys } = timeKeys;
  return `
    SELECT * FROM (
      SELECT ${Object.keys(keys).join(', ')}, tags, m.measure,
        CASE WHEN m.measure = 'duration' THEN duration_step ELSE first_chunk_step END AS step, 1 AS n
      FROM (${requestRows(from)}) r
      CROSS JOIN (SELECT 'duration' AS measure UNION ALL SELECT 'first-chunk') m
    ) t WHERE step IS NOT NULL`;
}

/** Adds what was written to the rows of its days. */
export function addToDays(from: From): string {
  return addTo({
    table: tables.days,
    keys: dayKeys,
    counts: Object.keys(dayCounts),
    rows: requestRows(from),
  });
}

/** Adds what was written to the rows of its days and tags. */
export function addToTagDays({ from, dialect }: { readonly from: From; readonly dialect: Dialect }): string {
  const rows = `SELECT r.*, tag.key AS tag_name, tag.value AS tag_value
    FROM (${requestRows(from)}) r CROSS JOIN ${dialect.eachTag('r.tags')}`;
  return addTo({ table: tables.tagDays, keys: tagDayKeys, counts: Object.keys(dayCounts), rows });
}

/** Adds what was written to the times of its days. */
export function addToTimes(from: From): string {
  return addTo({ table: tables.times, keys: timeKeys, counts: ['n'], rows: timeRows(from) });
}

/** The order of the keys keeps two writers from waiting for each other. */
function addTo({
  table,
  keys,
  counts,
  rows,
}: {
  readonly table: string;
  readonly keys: Readonly<Record<string, string>>;
  readonly counts: ReadonlyArray<string>;
  readonly rows: string;
}): string {
  const names = Object.keys(keys).join(', ');
  return `INSERT INTO ${table} (${names}, ${counts.join(', ')})
    SELECT ${names}, ${counts.map(name => `SUM(${name})`).join(', ')} FROM (${rows}) s
    WHERE TRUE GROUP BY ${names} ORDER BY ${names}
    ON CONFLICT (${names}) DO UPDATE SET ${counts.map(name => `${name} = ${table}.${name} + excluded.${name}`).join(', ')}`;
}
