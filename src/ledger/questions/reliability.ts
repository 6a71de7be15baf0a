import { check } from '../../boundary/check.ts';
import type { FailureKind } from '../../failure/failure-kind.ts';
import type { Database, Row } from '../database/database.ts';
import { timeOfStep } from '../rows/time-step.ts';
import { groupRows } from './group-rows.ts';
import { type GroupedQuestion, groupedSchema, sumsOf } from './grouped.ts';
import { type Group, type GroupBy, groupOf } from './grouping.ts';
import { spanOf } from './period.ts';
import { dayRowsIn, timeRowsIn } from './rows-in.ts';

/** What is asked of how well it went. */
export type ReliabilityQuestion<BY extends GroupBy = GroupBy> = GroupedQuestion<BY>;

/** Times in milliseconds, right to within 2 %; left out where nothing was measured. */
export type Percentiles = { readonly p50: number; readonly p90: number; readonly p99: number };

/** How well a group did. */
export type ReliabilityFigures = {
  /** Each counted where its answer came from, else where it was tried last. */
  readonly calls: number;
  /** Of these, with an answer. */
  readonly answered: number;
  /** Stopped by whoever made them; they count neither as answered nor as failed. */
  readonly aborted: number;
  /** Answered among those that were not aborted, 0 to 1; left out without one. */
  readonly successRate?: number;
  /** Answered by another candidate than the first that was asked, among the answered, 0 to 1; left out without one. */
  readonly fallbackRate?: number;
  readonly attempts: number;
  /** Failed attempts by their kind, the most frequent first. */
  readonly failures: { readonly [KIND in FailureKind]?: number };
  /** Of attempts, from their start to the first output. */
  readonly firstChunkMs?: Percentiles;
  /** Of attempts that answered. */
  readonly durationMs?: Percentiles;
};

/** A row of an answer: the group, and its figures. */
export type ReliabilityRow<BY extends GroupBy = GroupBy> = Group<BY> & ReliabilityFigures;

/** How well it went, by what is asked for, in the order of the groups. */
export async function reliability<const BY extends GroupBy>({
  database,
  question,
  nowMs,
}: {
  readonly database: Database;
  readonly question: ReliabilityQuestion<BY>;
  readonly nowMs: number;
}): Promise<ReadonlyArray<ReliabilityRow<BY>>> {
  check({ schema: groupedSchema, value: question, path: ['reliability'] });
  const { by = [], where = {} } = question;
  const ask = { database, by, where, span: spanOf({ period: question, nowMs }) };
  const [counts, failures, times] = await Promise.all([
    sumsOf({ ...ask, rowsIn: dayRowsIn, sums: columns }),
    sumsOf({ ...ask, rowsIn: dayRowsIn, sums: ['attempts_failed'], keys: ['failure_kind'] }),
    sumsOf({ ...ask, rowsIn: timeRowsIn, sums: ['n'], keys: ['measure', 'step'] }),
  ]);
  const keyOf = (row: Row) => JSON.stringify(groupOf({ by, row }));
  const failuresOf = groupRows({ rows: failures, keyOf });
  const timesOf = groupRows({ rows: times, keyOf });
  return counts.map(row => ({
    ...groupOf({ by, row }),
    ...figuresOf({ row, failures: failuresOf.get(keyOf(row)) ?? [], times: timesOf.get(keyOf(row)) ?? [] }),
  }));
}

const columns = ['calls', 'answered', 'aborted', 'fell_back', 'attempts'];

function figuresOf({
  row,
  failures,
  times,
}: {
  readonly row: Row;
  readonly failures: ReadonlyArray<Row>;
  readonly times: ReadonlyArray<Row>;
}): ReliabilityFigures {
  const [calls, answered, aborted, fellBack, attempts] = columns.map(name => Number(row[name])) as Counts;
  const kinds = failures
    .map(({ failure_kind, attempts_failed }) => [String(failure_kind), Number(attempts_failed)] as const)
    .sort(([, one], [, other]) => other - one);
  const firstChunkMs = percentilesOf(times.filter(({ measure }) => measure === 'first-chunk'));
  const durationMs = percentilesOf(times.filter(({ measure }) => measure === 'duration'));
  return {
    calls,
    answered,
    aborted,
    ...(calls > aborted && { successRate: answered / (calls - aborted) }),
    ...(answered > 0 && { fallbackRate: fellBack / answered }),
    attempts,
    failures: Object.fromEntries(kinds),
    ...(firstChunkMs !== undefined && { firstChunkMs }),
    ...(durationMs !== undefined && { durationMs }),
  };
}

type Counts = [number, number, number, number, number];

/** By nearest rank over counted steps, which come in their order. */
function percentilesOf(steps: ReadonlyArray<Row>): Percentiles | undefined {
  const total = steps.reduce((sum, { n }) => sum + Number(n), 0);
  if (total === 0) return undefined;
  const at = (share: number): number => {
    let seen = 0;
    for (const { step, n } of steps) {
      seen += Number(n);
      if (seen >= share * total) return timeOfStep(Number(step));
    }
    return timeOfStep(Number(steps.at(-1)?.step));
  };
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99) };
}
