import { check } from '../../boundary/check.ts';
import type { CostStatus } from '../../cost/index.ts';
import type { Database, Row } from '../database/database.ts';
import { usdOfSums } from '../rows/amount.ts';
import { type GroupedQuestion, groupedSchema, sumsOf } from './grouped.ts';
import { type Group, type GroupBy, groupOf } from './grouping.ts';
import { spanOf } from './period.ts';
import { dayRowsIn } from './rows-in.ts';

/** What is asked of the costs. */
export type SpendQuestion<BY extends GroupBy = GroupBy> = GroupedQuestion<BY>;

/** What was paid in a group, exact. */
export type SpendFigures = {
  /**
   * The least certain of the costs; `lower-bound` where some are not known: then the amount is a floor, and `unpriced` says
   * by how many. `unknown` where none is known.
   */
  readonly status: CostStatus;
  /** The double nearest to `usdExact`; left out where no cost is known. */
  readonly usd?: number;
  readonly usdExact?: string;
  /** Requests whose cost is not known. */
  readonly unpriced: number;
  /** Calls, each counted where its answer came from, else where it was tried last. */
  readonly calls: number;
  /** Requests to models, also failed ones, without those that found a task. */
  readonly attempts: number;
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
};

/** A row of an answer: the group, and its figures. */
export type SpendRow<BY extends GroupBy = GroupBy> = Group<BY> & SpendFigures;

const sums = [
  'calls',
  'attempts',
  'nano_usd',
  'atto_usd',
  'priced',
  'unpriced',
  'estimated',
  'lower_bound',
  'input_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'output_tokens',
  'reasoning_tokens',
] as const;

/** What was paid, by what is asked for, in the order of the groups. */
export async function spend<const BY extends GroupBy>({
  database,
  question,
  nowMs,
}: {
  readonly database: Database;
  readonly question: SpendQuestion<BY>;
  readonly nowMs: number;
}): Promise<ReadonlyArray<SpendRow<BY>>> {
  check({ schema: groupedSchema, value: question, path: ['spend'] });
  const { by = [], where = {} } = question;
  const span = spanOf({ period: question, nowMs });
  const rows = await sumsOf({ database, by, where, span, rowsIn: dayRowsIn, sums });
  return rows.map(row => ({ ...groupOf({ by, row }), ...figuresOf(row) }));
}

function figuresOf(row: Row): SpendFigures {
  const count = (name: (typeof sums)[number]) => Number(row[name]);
  const status = statusOf(count);
  return {
    status,
    ...(status !== 'unknown' && usdOfSums({ nanoUsd: String(row.nano_usd), attoUsd: String(row.atto_usd) })),
    unpriced: count('unpriced'),
    calls: count('calls'),
    attempts: count('attempts'),
    inputTokens: count('input_tokens'),
    cacheReadTokens: count('cache_read_tokens'),
    cacheWriteTokens: count('cache_write_tokens'),
    outputTokens: count('output_tokens'),
    reasoningTokens: count('reasoning_tokens'),
  };
}

/** As a `CostTotal` of the same costs has it. */
function statusOf(count: (name: (typeof sums)[number]) => number): CostStatus {
  if (count('unpriced') > 0) return count('priced') === 0 ? 'unknown' : 'lower-bound';
  if (count('lower_bound') > 0) return 'lower-bound';
  return count('estimated') > 0 ? 'estimated' : 'priced';
}
