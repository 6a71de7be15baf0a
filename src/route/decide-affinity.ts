import type { Candidate } from '../candidate/candidate.ts';
import { type Affinity, left, type Served } from './affinity.ts';
import type { CandidateCost } from './candidate-cost.ts';
import { estimateTolerance } from './capabilities.ts';

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
  isInterrupted,
  isFallbackOnly,
  costOf,
}: {
  readonly served: Served;
  /** Those that can serve, in the order of the route. */
  readonly ranked: ReadonlyArray<Candidate>;
  readonly isInRoute: (name: string) => boolean;
  readonly isOpen: (candidate: Candidate) => boolean;
  /** True where its answer to this conversation broke off a moment ago. */
  readonly isInterrupted: (candidate: Candidate) => boolean;
  /** True where a route has weights, and none for this candidate. */
  readonly isFallbackOnly: (candidate: Candidate) => boolean;
  /** Undefined where no price speaks for leaving. */
  readonly costOf: ((candidate: Candidate) => CandidateCost) | undefined;
}): Affinity {
  const { candidate: name, source } = served;
  const own = ranked.find(candidate => candidate.name === name);
  if (own === undefined) return left({ served, reason: isInRoute(name) ? 'incapable' : 'not-in-route' });
  if (isOpen(own)) return left({ served, reason: 'circuit-open' });
  if (ranked.length > 1 && isInterrupted(own)) return left({ served, reason: 'interrupted' });

  const first = ranked.find(candidate => !isOpen(candidate)) ?? own;
  if (isFallbackOnly(own) && !isFallbackOnly(first)) return left({ served, reason: 'no-weight' });
  const savedUsd =
    first === own || costOf === undefined ? 0 : savingOf({ stay: costOf(own), leave: costOf(first), served });
  return savedUsd > 0
    ? { ...left({ served, reason: 'cheaper' }), savedUsd }
    : { candidate: name, source, decision: 'stayed' };
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
