import type { Away } from '../../state/conversations/away.ts';
import type { AwayReason } from './homecoming.ts';

/** The candidate that served a conversation before, and what is known of its prompt cache. */
export type Served = {
  readonly candidate: string;
  /** How that is known: from the stamps in the conversation's history, or by its `sessionId`. */
  readonly source: 'history' | 'session';
  /** The share of a follow-up's input that was seen to come from its cache, from 0 to 1; absent while none was seen. */
  readonly cachedShare?: number;
  /** Why the conversation was there and not where its route would have it; left out where nothing tells. */
  readonly away?: Away;
};

/**
 * When a conversation that left the candidate that its route prefers comes back to it, at the start of a turn.
 *
 * - `'recovered'`: once that one is in order again, unless its cache elsewhere is worth more.
 * - `'cheaper'`: then, and only where it is cheaper there by more than the cache is worth.
 * - `'never'`: it stays until it must leave, whatever it costs.
 */
export type ReturnWhen = 'recovered' | 'cheaper' | 'never';

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

/**
 * Whether a conversation stays on the candidate that served it: `candidate` is the one on which it stayed, that it left, or to
 * which it returned. `source` tells how it is known who served it: by the stamps in its history, or by its `sessionId`.
 */
export type Affinity = Pick<Served, 'candidate' | 'source'> &
  (
    | { readonly decision: 'stayed' }
    | {
        readonly decision: 'returned';
        /** The candidate that served it meanwhile. */
        readonly from: string;
        /** Why it had left. */
        readonly reason: AwayReason;
        /** With `returnWhen: 'cheaper'`: what returning saves at least beyond what the cache is worth, in USD. */
        readonly savedUsd?: number;
      }
    | {
        readonly decision: 'left';
        readonly reason: LeaveReason;
        /** For `cheaper`: what leaving saves at least beyond what the cache is worth, in USD. */
        readonly savedUsd?: number;
      }
  );

/**
 * What came of a decision: a conversation that was to stay, or to return, has left where another candidate answered; it has
 * stayed where the one that served it before did.
 */
export function affinityAfter({
  affinity,
  candidate,
}: {
  readonly affinity: Affinity | undefined;
  /** The one that answered, if any did. */
  readonly candidate: string | undefined;
}): Affinity | undefined {
  if (affinity === undefined || affinity.decision === 'left') return affinity;
  if (candidate === undefined || candidate === affinity.candidate) return affinity;
  const { source } = affinity;
  if (affinity.decision === 'stayed') return left({ served: affinity, reason: 'fallback' });
  const served = { candidate: affinity.from, source };
  return candidate === affinity.from
    ? { ...served, decision: 'stayed' }
    : left({ served, reason: 'fallback' });
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
