import { firstSettleMs, type Memory, type Returning } from './breaker-memory.ts';

/**
 * What conversations find that had left a candidate because it was out of order.
 *
 * - `well`: nothing was the matter with it for as long as anybody here has looked.
 * - `back`: it was in trouble, has been well for long enough since, and nobody else is just coming back.
 * - `early`: it has not been well for long enough, or another conversation is the one that tries.
 * - `wary`: the same, and it was in trouble again after conversations had come back.
 */
export type Comeback = 'well' | 'back' | 'early' | 'wary';

/** So long the one conversation that comes back keeps others waiting, if nobody tells what became of it. */
export const returnLeaseMs = 60_000;

/** Tells whether conversations may come back. */
export function comebackOf({
  memory,
  nowMs,
}: {
  /** Undefined where no breaker ever opens, so that nothing is remembered. */
  readonly memory: Memory | undefined;
  readonly nowMs: number;
}): Comeback {
  if (memory === undefined) return 'well';
  // The clock was set back.
  if (memory.wellSinceMs > nowMs) memory.wellSinceMs = nowMs;
  const { wellSinceMs, settleMs, returning, wasInTrouble } = memory;
  // What one conversation has found out holds for all.
  if (returning?.isProven === true) return 'back';
  if (nowMs - wellSinceMs >= settleMs && !isTaken({ returning, nowMs }))
    return wasInTrouble ? 'back' : 'well';
  return settleMs > firstSettleMs ? 'wary' : 'early';
}

function isTaken({
  returning,
  nowMs,
}: {
  readonly returning: Returning | undefined;
  readonly nowMs: number;
}): boolean {
  if (returning === undefined) return false;
  const { holder, untilMs, othersUntilMs, isAsking } = returning;
  return isAsking || nowMs < othersUntilMs || (holder !== undefined && nowMs < untilMs);
}

/** What is known of conversations on their way back, from now on. */
export function returningTo(memory: Memory): Returning {
  memory.returning ??= {
    isProven: false,
    holder: undefined,
    untilMs: 0,
    othersUntilMs: 0,
    isAsking: false,
  };
  return memory.returning;
}

/** A call brings a conversation back. */
export function beginReturn({
  memory,
  holder,
  nowMs,
}: {
  readonly memory: Memory;
  readonly holder: object;
  readonly nowMs: number;
}): void {
  const returning = returningTo(memory);
  if (returning.isProven) return;
  returning.holder = holder;
  returning.untilMs = nowMs + returnLeaseMs;
}

/** The call has its end: answered there, it lets all others come back; else the next one may try. */
export function endReturn({
  memory,
  holder,
  isAnswered,
}: {
  readonly memory: Memory;
  readonly holder: object;
  readonly isAnswered: boolean;
}): void {
  const { returning, mirror } = memory;
  if (returning?.holder === holder) {
    returning.holder = undefined;
    returning.isProven = isAnswered;
  }
  mirror?.returnEnded(isAnswered);
}
