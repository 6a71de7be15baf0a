import type { Candidate } from '../candidate/candidate.ts';
import { estimateTolerance } from './capabilities.ts';
import type { CandidateCost } from './ranking.ts';

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
 * - `fallback`: it was asked first, and another one answered.
 */
type LeaveReason = 'not-in-route' | 'incapable' | 'circuit-open' | 'no-weight' | 'cheaper' | 'fallback';

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

/**
 * Decides whether a conversation stays where its prompt cache and its signatures are. It leaves a candidate that cannot
 * serve, and one whose place another would take that is cheaper by more than the cache is worth, however long the answer:
 * the difference in price of this request, both uncached, without output and with the longest, against what reading its
 * input from the cache saves, by the share that follow-ups were seen to read. Less than a tenth counts as an error.
 */
export function decideAffinity({
  served,
  ranked,
  isInRoute,
  isOpen,
  isFallbackOnly,
  costOf,
}: {
  readonly served: Served;
  /** Those that can serve, in the order of the route. */
  readonly ranked: ReadonlyArray<Candidate>;
  readonly isInRoute: (name: string) => boolean;
  readonly isOpen: (candidate: Candidate) => boolean;
  /** True where a route has weights, and none for this candidate. */
  readonly isFallbackOnly: (candidate: Candidate) => boolean;
  /** Undefined where no price speaks for leaving. */
  readonly costOf: ((candidate: Candidate) => CandidateCost) | undefined;
}): Affinity {
  const { candidate: name, source } = served;
  const own = ranked.find(candidate => candidate.name === name);
  if (own === undefined) return left({ served, reason: isInRoute(name) ? 'incapable' : 'not-in-route' });
  if (isOpen(own)) return left({ served, reason: 'circuit-open' });

  const first = ranked.find(candidate => !isOpen(candidate)) ?? own;
  if (isFallbackOnly(own) && !isFallbackOnly(first)) return left({ served, reason: 'no-weight' });
  const savedUsd =
    first === own || costOf === undefined ? 0 : savingOf({ stay: costOf(own), leave: costOf(first), served });
  return savedUsd > 0
    ? { ...left({ served, reason: 'cheaper' }), savedUsd }
    : { candidate: name, source, decision: 'stayed' };
}

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

function left({
  served: { candidate, source },
  reason,
}: {
  readonly served: Served;
  readonly reason: LeaveReason;
}): Affinity & { readonly decision: 'left' } {
  return { candidate, source, decision: 'left', reason };
}

/** What leaving saves at least, less what the cache is worth; nothing where a price is not known, or it may be an error. */
function savingOf({
  stay,
  leave,
  // Until a follow-up was seen, as if all of it came from the cache: only who stays learns what it is worth.
  served: { cachedShare = 1 },
}: {
  readonly stay: CandidateCost;
  readonly leave: CandidateCost;
  readonly served: Served;
}): number {
  const { minUsd, minCachedUsd = minUsd, maxUsd } = stay;
  if (minUsd === undefined || minCachedUsd === undefined || maxUsd === undefined) return 0;
  if (leave.minUsd === undefined || leave.maxUsd === undefined) return 0;
  const cacheUsd = cachedShare * (minUsd - minCachedUsd);
  const isCheaper = (stayUsd: number, leaveUsd: number) => stayUsd - cacheUsd > leaveUsd * estimateTolerance;
  return isCheaper(minUsd, leave.minUsd) && isCheaper(maxUsd, leave.maxUsd)
    ? Math.min(minUsd - leave.minUsd, maxUsd - leave.maxUsd) - cacheUsd
    : 0;
}
