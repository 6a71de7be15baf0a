/** Tables of a ledger. The prefix keeps them apart in a database that has others. */
export const tables = {
  schema: 'ai_composite_schema',
  calls: 'ai_composite_calls',
  attempts: 'ai_composite_attempts',
  days: 'ai_composite_days',
  tagDays: 'ai_composite_tag_days',
  times: 'ai_composite_times',
} as const;

/** A column and its type; both databases know these types. */
type Columns = Readonly<Record<string, string>>;

/** Money is decimal text for people, and two whole numbers (1e-9 and 1e-18 USD) that any database adds up exactly. */
const money: Columns = { usd: 'TEXT', nano_usd: 'BIGINT NOT NULL', atto_usd: 'BIGINT NOT NULL' };

const tokens: Columns = {
  input_tokens: 'BIGINT NOT NULL',
  cache_read_tokens: 'BIGINT NOT NULL',
  cache_write_tokens: 'BIGINT NOT NULL',
  output_tokens: 'BIGINT NOT NULL',
  reasoning_tokens: 'BIGINT NOT NULL',
};

/** One row a call; its columns in their order. */
export const callColumns: Columns = {
  id: 'TEXT PRIMARY KEY',
  started_at: 'BIGINT NOT NULL',
  day: 'BIGINT NOT NULL',
  duration_ms: 'BIGINT NOT NULL',
  task: 'TEXT NOT NULL',
  session_id: 'TEXT',
  tags: 'TEXT NOT NULL',
  outcome: 'TEXT NOT NULL',
  candidate: 'TEXT',
  fell_back: 'BIGINT NOT NULL',
  cost_status: 'TEXT NOT NULL',
  ...money,
  unpriced: 'BIGINT NOT NULL',
  details: 'TEXT NOT NULL',
};

/** One row an attempt, and one for the request to a classifying model. */
export const attemptColumns: Columns = {
  call_id: 'TEXT NOT NULL',
  n: 'TEXT NOT NULL',
  is_leaf: 'BIGINT NOT NULL',
  counts_call: 'BIGINT NOT NULL',
  candidate: 'TEXT NOT NULL',
  provider: 'TEXT NOT NULL',
  model: 'TEXT NOT NULL',
  outcome: 'TEXT NOT NULL',
  failure_kind: 'TEXT NOT NULL',
  status_code: 'BIGINT',
  started_at: 'BIGINT NOT NULL',
  duration_ms: 'BIGINT',
  first_chunk_ms: 'BIGINT',
  duration_step: 'BIGINT',
  first_chunk_step: 'BIGINT',
  ...tokens,
  cost_status: 'TEXT NOT NULL',
  ...money,
  cost_source: 'TEXT',
  price_date: 'TEXT',
  details: 'TEXT NOT NULL',
};

/** What a day's row is about. */
export const dayKeys: Columns = {
  day: 'BIGINT NOT NULL',
  task: 'TEXT NOT NULL',
  candidate: 'TEXT NOT NULL',
  provider: 'TEXT NOT NULL',
  model: 'TEXT NOT NULL',
  failure_kind: 'TEXT NOT NULL',
};

/** The same for one tag: a call with three tags is in the rows of each. */
export const tagDayKeys: Columns = { tag_name: 'TEXT NOT NULL', tag_value: 'TEXT NOT NULL', ...dayKeys };

/** What a day's row counts. */
export const dayCounts = {
  calls: 'counts_call',
  answered: `CASE WHEN counts_call = 1 AND call_outcome = 'success' THEN 1 ELSE 0 END`,
  aborted: `CASE WHEN counts_call = 1 AND call_outcome = 'abort' THEN 1 ELSE 0 END`,
  fell_back: 'CASE WHEN counts_call = 1 THEN call_fell_back ELSE 0 END',
  attempts: 'is_attempt',
  attempts_failed: `CASE WHEN is_attempt = 1 AND outcome = 'failure' THEN 1 ELSE 0 END`,
  nano_usd: 'nano_usd',
  atto_usd: 'atto_usd',
  priced: `CASE WHEN is_request = 1 AND cost_status <> 'unknown' THEN 1 ELSE 0 END`,
  unpriced: `CASE WHEN cost_status = 'unknown' THEN 1 ELSE 0 END`,
  estimated: `CASE WHEN cost_status = 'estimated' THEN 1 ELSE 0 END`,
  lower_bound: `CASE WHEN cost_status = 'lower-bound' THEN 1 ELSE 0 END`,
  input_tokens: 'input_tokens',
  cache_read_tokens: 'cache_read_tokens',
  cache_write_tokens: 'cache_write_tokens',
  output_tokens: 'output_tokens',
  reasoning_tokens: 'reasoning_tokens',
} as const;

/** Of which times a day keeps how many took so long: a row a step. */
export const timeKeys: Columns = {
  day: 'BIGINT NOT NULL',
  task: 'TEXT NOT NULL',
  candidate: 'TEXT NOT NULL',
  provider: 'TEXT NOT NULL',
  model: 'TEXT NOT NULL',
  measure: 'TEXT NOT NULL',
  step: 'BIGINT NOT NULL',
};

const counts: Columns = Object.fromEntries(Object.keys(dayCounts).map(name => [name, 'BIGINT NOT NULL']));

function list(columns: Columns): string {
  return Object.entries(columns)
    .map(([name, type]) => `  ${name} ${type}`)
    .join(',\n');
}

function keyOf(columns: Columns): string {
  return Object.keys(columns).join(', ');
}

/**
 * What makes a ledger's tables, a list of statements a version: a ledger of version 1 becomes one of version 2 by the second
 * list. Nothing here destroys or changes a row.
 */
export const migrations: ReadonlyArray<ReadonlyArray<string>> = [
  [
    `CREATE TABLE ${tables.calls} (\n${list(callColumns)}\n)`,
    `CREATE INDEX ${tables.calls}_by_time ON ${tables.calls} (started_at, id)`,
    `CREATE INDEX ${tables.calls}_by_session ON ${tables.calls} (session_id, started_at) WHERE session_id IS NOT NULL`,
    `CREATE TABLE ${tables.attempts} (\n${list(attemptColumns)},\n  PRIMARY KEY (call_id, n)\n)`,
    `CREATE TABLE ${tables.days} (\n${list({ ...dayKeys, ...counts })},\n  PRIMARY KEY (${keyOf(dayKeys)})\n)`,
    `CREATE TABLE ${tables.tagDays} (\n${list({ ...tagDayKeys, ...counts })},\n  PRIMARY KEY (${keyOf(tagDayKeys)})\n)`,
    `CREATE TABLE ${tables.times} (\n${list(timeKeys)},\n  n BIGINT NOT NULL,\n  PRIMARY KEY (${keyOf(timeKeys)})\n)`,
  ],
];

/** The version that this package writes. */
export const schemaVersion = migrations.length;
