/** The candidate that served a conversation before, and what is known of its prompt cache. */
export type Served = {
  readonly candidate: string;
  /** How that is known: from the stamps in the conversation's history, or by its `sessionId`. */
  readonly source: 'history' | 'session';
  /** The share of a follow-up's input that was seen to come from its cache, from 0 to 1; absent while none was seen. */
  readonly cachedShare?: number;
};

/**
 * - `no-weight`: in a route with weights it is a fallback only, and one with a weight can serve.
 * - `interrupted`: its answer to this conversation broke off a moment ago.
 * - `fallback`: it was asked first, and another one answered.
 */
type LeaveReason =
  | 'not-in-route'
  | 'incapable'
  | 'circuit-open'
  | 'interrupted'
  | 'no-weight'
  | 'cheaper'
  | 'fallback';

/** Whether a conversation stays on the candidate that served it. */
export type Affinity = Pick<Served, 'candidate' | 'source'> &
  (
    | { readonly decision: 'stayed' }
    | {
        readonly decision: 'left';
        readonly reason: LeaveReason;
        /** For `cheaper`: what leaving saves at least beyond what the cache is worth, in USD. */
        readonly savedUsd?: number;
      }
  );

/** What came of a decision: a conversation that was to stay has left where another candidate answered. */
export function affinityAfter({
  affinity,
  candidate,
}: {
  readonly affinity: Affinity | undefined;
  /** The one that answered, if any did. */
  readonly candidate: string | undefined;
}): Affinity | undefined {
  if (affinity?.decision !== 'stayed' || candidate === undefined || candidate === affinity.candidate)
    return affinity;
  return left({ served: affinity, reason: 'fallback' });
}

/** A conversation that leaves the candidate that served it. */
export function left({
  served: { candidate, source },
  reason,
}: {
  readonly served: Served;
  readonly reason: LeaveReason;
}): Affinity & { readonly decision: 'left' } {
  return { candidate, source, decision: 'left', reason };
}
