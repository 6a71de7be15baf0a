import type { Memory } from './breaker-memory.ts';
import { firstSettleMs, returningTo, type Settling } from './settling.ts';

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
  const { settling } = memory;
  // The clock was set back.
  if (settling.wellSinceMs > nowMs) settling.wellSinceMs = nowMs;
  const { wellSinceMs, settleMs, returning, wasInTrouble } = settling;
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
  readonly returning: Settling['returning'];
  readonly nowMs: number;
}): boolean {
  if (returning === undefined) return false;
  const { holder, untilMs, othersUntilMs, isAsking } = returning;
  return isAsking || nowMs < othersUntilMs || (holder !== undefined && nowMs < untilMs);
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
  const returning = returningTo(memory.settling);
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
  const { settling, mirror } = memory;
  const { returning } = settling;
  if (returning?.holder === holder) {
    returning.holder = undefined;
    returning.isProven = isAnswered;
  }
  mirror?.returnEnded(isAnswered);
}
