import type { CallEndEvent } from '../../report/events.ts';
import { amountOf } from './amount.ts';
import { type AttemptRow, attemptRows } from './attempt-row.ts';
import { plainJson, plainText } from './plain-text.ts';

/** One call as the ledger keeps it, keys named as its columns, with the rows of its attempts. */
export type CallRow = {
  readonly id: string;
  readonly started_at: number;
  /** Days since the epoch, UTC. */
  readonly day: number;
  readonly duration_ms: number;
  readonly task: string;
  readonly session_id: string | null;
  readonly tags: string;
  readonly outcome: string;
  readonly candidate: string | null;
  readonly fell_back: number;
  readonly cost_status: string;
  readonly usd: string | null;
  readonly nano_usd: number;
  readonly atto_usd: number;
  readonly unpriced: number;
  readonly details: string;
  readonly attempts: ReadonlyArray<AttemptRow>;
};

/** Milliseconds of a day. */
export const dayMs = 86_400_000;

/** The rows of a call that has ended. What people wrote or were answered is in none of its columns: the event has none. */
export function callRow(call: CallEndEvent): CallRow {
  const { callId, startedAtMs, durationMs, task, sessionId, tags, outcome, candidate, cost } = call;
  const { skipped, affinity, warnings, cached, recovered, recovers } = call;
  const { nanoUsd, attoUsd } = amountOf(cost.usdExact);
  const attempts = attemptRows({
    attempts: call.attempts,
    ...(call.classification !== undefined && { classification: call.classification }),
    callId: plainText(callId),
    startedAtMs,
    prefix: '',
    candidate: undefined,
  });
  return {
    id: plainText(callId),
    started_at: Math.round(startedAtMs),
    day: Math.floor(startedAtMs / dayMs),
    duration_ms: Math.round(durationMs),
    task: plainText(task),
    session_id: sessionId === undefined ? null : plainText(sessionId),
    tags: tagsText(tags),
    outcome,
    candidate: candidate === undefined ? null : plainText(candidate),
    fell_back: candidate !== undefined && call.attempts[0]?.candidate !== candidate ? 1 : 0,
    cost_status: cost.status,
    usd: cost.usdExact ?? null,
    nano_usd: nanoUsd,
    atto_usd: attoUsd,
    unpriced: cost.incomplete,
    details: plainJson({
      ...(skipped.length > 0 && { skipped }),
      ...(affinity !== undefined && { affinity }),
      ...(warnings !== undefined && { warnings }),
      ...(cached !== undefined && { cached }),
      ...(recovered !== undefined && { recovered }),
      ...(recovers !== undefined && { recovers }),
    }),
    attempts: countingCall({ rows: attempts, candidate }),
  };
}

/** Sorted, so that the same tags are the same text. */
function tagsText(tags: CallEndEvent['tags']): string {
  const sorted = Object.entries(tags).sort(([one], [two]) => (one < two ? -1 : 1));
  return plainJson(Object.fromEntries(sorted.map(([name, value]) => [plainText(name), value])));
}

/** Marks the one row in which the call itself is counted. */
function countingCall({
  rows,
  candidate,
}: {
  readonly rows: ReadonlyArray<AttemptRow>;
  readonly candidate: string | undefined;
}): ReadonlyArray<AttemptRow> {
  const own = rows.filter(row => row.is_leaf === 1);
  const counting =
    own.findLast(row => row.outcome === 'success' && row.n !== 'classify') ??
    // The least bad answer is that of an attempt that failed.
    own.findLast(row => candidate !== undefined && row.candidate === plainText(candidate)) ??
    own.at(-1);
  return rows.map(row => (row === counting ? { ...row, counts_call: 1 } : row));
}
