/** How a candidate that was in trouble settles, before conversations that had left it come back. */
export type Settling = {
  /** Since when nothing has spoken against it: no failure, and it was not open. */
  wellSinceMs: number;
  /** That time is when this process heard of it; others may know a better one. */
  isHearsay: boolean;
  wasInTrouble: boolean;
  /** So long it has to be well before conversations come back. */
  settleMs: number;
  /** Undefined while none has come back, or tried to, since it was last in trouble. */
  returning: Returning | undefined;
};

/** Conversations on their way back to a candidate that was in trouble, one at a time until one was answered. */
type Returning = {
  isProven: boolean;
  /** The call that brings one back; nobody may be told of its end, so that it counts for a while only. */
  holder: object | undefined;
  untilMs: number;
  /** Another process brings one back, or is taken to. */
  othersUntilMs: number;
  /** Leave is being asked for. */
  isAsking: boolean;
};

/** The first time that a candidate has to be well before conversations come back. */
export const firstSettleMs = 60_000;
const longestSettleMs = 16 * firstSettleMs;
/** Who was well for so long has to settle no longer than the first time. */
const lastingMs = 30 * 60_000;
/** Trouble is told to others once in so long. */
const tellAgainMs = 1_000;

/** Nothing is known of it yet. */
export function unknownSince(nowMs: number): Settling {
  return {
    wellSinceMs: nowMs,
    isHearsay: true,
    wasInTrouble: false,
    settleMs: firstSettleMs,
    returning: undefined,
  };
}

type At = { readonly settling: Settling; readonly nowMs: number };

/**
 * It is in trouble. Where a conversation had come back meanwhile, the next one waits for twice as long. True where others have
 * to hear of it.
 */
export function unsettle({ settling, nowMs }: At): boolean {
  const { wellSinceMs, isHearsay, returning } = settling;
  const wellMs = nowMs - wellSinceMs;
  if (wellMs >= lastingMs) settling.settleMs = firstSettleMs;
  else if (returning !== undefined) settling.settleMs = Math.min(2 * settling.settleMs, longestSettleMs);
  settling.returning = undefined;
  settling.wasInTrouble = true;
  settling.wellSinceMs = nowMs;
  settling.isHearsay = false;
  return isHearsay || returning !== undefined || wellMs >= tellAgainMs;
}

/** Others have found out that it is in trouble, some time before now. */
export function hearOfTrouble(at: At): void {
  unsettle(at);
  at.settling.isHearsay = true;
}

/** Its breaker has closed: here, or elsewhere some time before now. */
export function settleFrom({ settling, nowMs, isHearsay }: At & Pick<Settling, 'isHearsay'>): void {
  settling.wellSinceMs = nowMs;
  settling.isHearsay = isHearsay;
}

/** It was repaired: conversations come back at once. */
export function settled(settling: Settling): void {
  settleFrom({ settling, nowMs: 0, isHearsay: false });
  settling.settleMs = firstSettleMs;
  settling.returning = undefined;
}

/** What is known of conversations on their way back, from now on. */
export function returningTo(settling: Settling): Returning {
  settling.returning ??= {
    isProven: false,
    holder: undefined,
    untilMs: 0,
    othersUntilMs: 0,
    isAsking: false,
  };
  return settling.returning;
}
