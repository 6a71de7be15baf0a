import * as z from 'zod/v4';
import { check, strictOptions } from '../../boundary/check.ts';
import type { Cost } from '../../cost/index.ts';
import type { CallEndEvent } from '../../report/events.ts';
import type { AttemptReport } from '../../report/report.ts';
import type { Database, Row } from '../database/database.ts';
import { tables } from '../database/schema.ts';
import { conditionsOf, type Filter, tagsSchema } from './filter.ts';
import { groupRows } from './group-rows.ts';
import { momentSchema, type Period, spanOf } from './period.ts';
import { createParameters, type Parameters } from './statement.ts';

/** Which calls are asked for. */
export type CallsQuestion = Period & {
  readonly where?: Omit<Filter, 'provider' | 'model'> & {
    readonly sessionId?: string;
    readonly outcome?: CallEndEvent['outcome'];
    readonly callId?: string;
  };
  /** How many at most, the latest first. Default: 100, at most 10,000. */
  readonly limit?: number;
  /** Only calls before this one, for the next page: the last of the page before. */
  readonly before?: Pick<LedgerCall, 'callId' | 'startedAtMs'>;
};

/** One call as it was kept. */
export type LedgerCall = Pick<
  CallEndEvent,
  'callId' | 'startedAtMs' | 'durationMs' | 'task' | 'sessionId' | 'tags' | 'outcome' | 'candidate'
> &
  Partial<Pick<CallEndEvent, 'skipped' | 'affinity' | 'warnings' | 'cached' | 'recovered' | 'recovers'>> & {
    readonly cost: Pick<CallEndEvent['cost'], 'status' | 'usd' | 'usdExact'> & { readonly unpriced: number };
    readonly attempts: ReadonlyArray<LedgerAttempt>;
  };

/** One attempt as it was kept. */
export type LedgerAttempt = {
  /** `1`, `2`, ...; `2.1` is the first of the composite that the second asked; `classify` found the task. */
  readonly n: string;
  readonly candidate: string;
  readonly provider: string;
  readonly modelId: string;
  readonly outcome: string;
  readonly failureKind?: string;
  readonly statusCode?: number;
  readonly startedAtMs: number;
  readonly durationMs?: number;
  readonly firstChunkMs?: number;
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  /** How it was to go on with an answer that broke off; left out where it was not. */
  readonly recovery?: AttemptReport['recovery'];
  /** What it cost; where it has attempts of its own, theirs together. */
  readonly cost: Cost;
};

const text = z.string({ error: 'must be a text' }).optional();

const questionSchema = strictOptions({
  from: momentSchema,
  to: momentSchema,
  where: strictOptions({
    task: text,
    candidate: text,
    tags: tagsSchema,
    sessionId: text,
    callId: text,
    outcome: z
      .enum(['success', 'failure', 'abort'], { error: 'must be success, failure or abort' })
      .optional(),
  } satisfies Record<keyof NonNullable<CallsQuestion['where']>, z.ZodType>).optional(),
  limit: z
    .int({ error: 'must be a whole number' })
    .min(1, { error: 'must be at least 1' })
    .max(10_000, { error: 'must be at most 10,000; take the next with before' })
    .optional(),
  before: z
    .looseObject(
      { callId: z.string(), startedAtMs: z.number() },
      { error: 'must be a call of the page before' },
    )
    .optional(),
} satisfies Record<keyof CallsQuestion, z.ZodType>);

/** The calls that are asked for, the latest first, each with its attempts. */
export async function findCalls({
  database,
  question,
  nowMs,
}: {
  readonly database: Database;
  readonly question: CallsQuestion;
  readonly nowMs: number;
}): Promise<ReadonlyArray<LedgerCall>> {
  check({ schema: questionSchema, value: question, path: ['calls'] });
  const parameters = createParameters();
  const conditions = callConditions({ database, question, nowMs, parameters });
  const calls = await database.query(
    parameters.statement(
      `SELECT * FROM ${tables.calls} WHERE ${conditions.join(' AND ')}
       ORDER BY started_at DESC, id DESC LIMIT ${question.limit ?? 100}`,
    ),
  );
  const attempts = await attemptsOf({ database, ids: calls.map(({ id }) => String(id)) });
  return calls.map(row => toCall({ row, attempts: attempts.get(String(row.id)) ?? [] }));
}

function callConditions({
  database: { dialect },
  question,
  nowMs,
  parameters,
}: {
  readonly database: Database;
  readonly question: CallsQuestion;
  readonly nowMs: number;
  readonly parameters: Parameters;
}): ReadonlyArray<string> {
  const { where: { sessionId, outcome, callId, ...filter } = {}, before } = question;
  const { fromMs, toMs } = spanOf({ period: question, nowMs });
  const tagColumn = (name: string) => dialect.tagOf({ tags: 'tags', name: parameters.add(name) });
  const conditions = [`started_at >= ${parameters.add(fromMs)}`];
  if (toMs !== Number.POSITIVE_INFINITY) conditions.push(`started_at < ${parameters.add(toMs)}`);
  if (sessionId !== undefined) conditions.push(`session_id = ${parameters.add(sessionId)}`);
  if (outcome !== undefined) conditions.push(`outcome = ${parameters.add(outcome)}`);
  if (callId !== undefined) conditions.push(`id = ${parameters.add(callId)}`);
  if (before !== undefined) {
    const [at, id] = [parameters.add(before.startedAtMs), parameters.add(before.callId)];
    conditions.push(`(started_at < ${at} OR (started_at = ${at} AND id < ${id}))`);
  }
  return [...conditions, ...conditionsOf({ filter, parameters, tagColumn })];
}

async function attemptsOf({
  database,
  ids,
}: {
  readonly database: Database;
  readonly ids: ReadonlyArray<string>;
}): Promise<ReadonlyMap<string, ReadonlyArray<Row>>> {
  const rows: Row[] = [];
  // A statement takes only so many parameters.
  for (let index = 0; index < ids.length; index += 500) {
    const parameters = createParameters();
    const list = ids.slice(index, index + 500).map(parameters.add);
    const text = `SELECT * FROM ${tables.attempts} WHERE call_id IN (${list.join(', ')})`;
    rows.push(...(await database.query(parameters.statement(text))));
  }
  return groupRows({ rows, keyOf: ({ call_id }) => String(call_id) });
}

function toCall({ row, attempts }: { readonly row: Row; readonly attempts: ReadonlyArray<Row> }): LedgerCall {
  return {
    callId: String(row.id),
    startedAtMs: Number(row.started_at),
    durationMs: Number(row.duration_ms),
    task: String(row.task),
    ...(row.session_id !== null && { sessionId: String(row.session_id) }),
    tags: JSON.parse(String(row.tags)),
    outcome: String(row.outcome) as LedgerCall['outcome'],
    ...(row.candidate !== null && { candidate: String(row.candidate) }),
    ...JSON.parse(String(row.details)),
    cost: { ...amountOf(row), unpriced: Number(row.unpriced) },
    attempts: [...attempts].sort(byNumber).map(toAttempt),
  };
}

function toAttempt(row: Row): LedgerAttempt {
  const { lineItems = [], recovery, ...details } = JSON.parse(String(row.details));
  return {
    n: String(row.n),
    candidate: String(row.candidate),
    provider: String(row.provider),
    modelId: String(row.model),
    outcome: String(row.outcome),
    ...(row.failure_kind !== '' && { failureKind: String(row.failure_kind) }),
    ...(row.status_code !== null && { statusCode: Number(row.status_code) }),
    startedAtMs: Number(row.started_at),
    ...(row.duration_ms !== null && { durationMs: Number(row.duration_ms) }),
    ...(row.first_chunk_ms !== null && { firstChunkMs: Number(row.first_chunk_ms) }),
    inputTokens: Number(row.input_tokens),
    cacheReadTokens: Number(row.cache_read_tokens),
    cacheWriteTokens: Number(row.cache_write_tokens),
    outputTokens: Number(row.output_tokens),
    reasoningTokens: Number(row.reasoning_tokens),
    ...(recovery !== undefined && { recovery }),
    cost: {
      ...amountOf(row),
      lineItems,
      ...(row.cost_source !== null && { source: String(row.cost_source) as NonNullable<Cost['source']> }),
      ...(row.price_date !== null && { priceDate: String(row.price_date) }),
      ...details,
    },
  };
}

function amountOf({ cost_status, usd }: Row): Pick<Cost, 'status' | 'usd' | 'usdExact'> {
  return {
    status: String(cost_status) as Cost['status'],
    ...(usd !== null && { usd: Number(usd), usdExact: String(usd) }),
  };
}

/** `classify` first, then by number: `2`, `2.1`, `10`. */
function byNumber(one: Row, other: Row): number {
  const [left, right] = [one, other].map(({ n }) => String(n).replaceAll('classify', '0'));
  return String(left).localeCompare(String(right), 'en', { numeric: true });
}
