import type { Candidate } from '../../candidate/candidate.ts';
import type { Comeback } from '../../state/breakers/comeback.ts';
import type { CandidateCost } from '../order/candidate-cost.ts';
import { estimateTolerance } from '../serve/capabilities.ts';
import { type Affinity, left, type ReturnWhen, type Served } from './affinity.ts';
import { isDue, reasonOf } from './homecoming.ts';

/** What a decision goes by. */
export type AffinityFacts = {
  readonly served: Served;
  /** Those that can serve, in the order of the route. */
  readonly ranked: ReadonlyArray<Candidate>;
  readonly isInRoute: (name: string) => boolean;
  readonly isOpen: (candidate: Candidate) => boolean;
  /** True where its breaker is closed. */
  readonly isClosed: (candidate: Candidate) => boolean;
  /** True where its answer to this conversation broke off a moment ago. */
  readonly isInterrupted: (candidate: Candidate) => boolean;
  /** Undefined where the route draws by no weights; else true where it has none for this candidate. */
  readonly isFallbackOnly: ((candidate: Candidate) => boolean) | undefined;
  /** Undefined where no price speaks for leaving. */
  readonly costOf: ((candidate: Candidate) => CandidateCost) | undefined;
  readonly returnWhen: ReturnWhen;
  /** True while a tool's result waits for its answer. */
  readonly isAnswering: boolean;
  /** False between the steps of a turn, and where the order of the route prefers nobody for long. */
  readonly mayReturn: boolean;
  readonly comebackOf: (candidate: Candidate) => Comeback;
};

/**
 * Decides whether a conversation stays where its prompt cache and its signatures are. It leaves a candidate that cannot
 * serve, and one whose place another would take that is cheaper by more than the cache is worth, however long the answer:
 * the difference in price of this request, both uncached, without output and with the longest, against what reading its
 * input from the cache saves, by the share that follow-ups were seen to read. Less than a tenth counts as an error.
 *
 * A conversation that had left the candidate that its route prefers comes back to it at the start of a turn.
 */
export function decideAffinity(facts: AffinityFacts): Affinity {
  const { served, ranked, isInRoute, isOpen, isInterrupted, isFallbackOnly, returnWhen } = facts;
  const { candidate: name, source } = served;
  const own = ranked.find(candidate => candidate.name === name);
  if (own === undefined) return left({ served, reason: isInRoute(name) ? 'incapable' : 'not-in-route' });
  if (isOpen(own)) return left({ served, reason: 'circuit-open' });
  if (ranked.length > 1 && isInterrupted(own)) return left({ served, reason: 'interrupted' });

  const returned = facts.mayReturn ? decideReturn({ facts, own }) : undefined;
  if (returned !== undefined) return returned;
  const stayed: Affinity = { candidate: name, source, decision: 'stayed' };
  const first = ranked.find(candidate => !isOpen(candidate)) ?? own;
  if (returnWhen === 'never' || (first !== own && isToWait({ facts, first }))) return stayed;
  if (!facts.isAnswering && isFallbackOnly?.(own) === true && !isFallbackOnly(first))
    return left({ served, reason: 'no-weight' });
  const savedUsd = first === own ? 0 : savingOf({ facts, own, other: first });
  return savedUsd > 0 ? { ...left({ served, reason: 'cheaper' }), savedUsd } : stayed;
}

type Deciding = {
  readonly facts: AffinityFacts;
  /** The candidate that served before. */
  readonly own: Candidate;
};

/** True where the conversation had to leave the preferred candidate again and again, so that neither a price nor a weight brings it back yet. */
function isToWait({
  facts: { served, comebackOf, isFallbackOnly },
  first,
}: Pick<Deciding, 'facts'> & { readonly first: Candidate }): boolean {
  const { away = '' } = served;
  if (!isDue(away)) return true;
  if (reasonOf(away) !== 'down') return false;
  const comeback = comebackOf(first);
  return comeback === 'wary' || (isFallbackOnly !== undefined && comeback === 'early');
}

/** Where the conversation had left the preferred candidate for a reason that is over: whether it comes back. */
function decideReturn({ facts, own }: Deciding): Affinity | undefined {
  const { served, returnWhen, isInterrupted, isClosed, comebackOf } = facts;
  const { away = '', candidate: from, source } = served;
  const reason = reasonOf(away);
  // Who left for a price comes back for a price.
  if (returnWhen === 'never' || reason === undefined || reason === 'cheaper' || !isDue(away))
    return undefined;
  const goal = goalOf({ facts, own });
  if (goal === undefined || isInterrupted(goal)) return undefined;
  const comeback = reason === 'down' ? comebackOf(goal) : isClosed(goal) ? 'well' : 'early';
  if (comeback !== 'well' && comeback !== 'back') return undefined;
  const savedUsd = savingOf({ facts, own, other: goal });
  if (savedUsd <= 0 && (returnWhen === 'cheaper' || isCacheWorthMore({ facts, own, goal }))) return undefined;
  return {
    candidate: goal.name,
    source,
    decision: 'returned',
    from,
    reason,
    ...(returnWhen === 'cheaper' && { savedUsd }),
  };
}

/** The candidate to come back to: the first that is in order, unless the conversation is there. */
function goalOf({
  facts: { ranked, isOpen, isFallbackOnly, comebackOf, served },
  own,
}: Deciding): Candidate | undefined {
  if (isFallbackOnly === undefined) {
    const first = ranked.find(candidate => !isOpen(candidate));
    return first === own ? undefined : first;
  }
  if (reasonOf(served.away ?? '') !== 'down') return undefined;
  // Weights prefer nobody; who has a share of the traffic is only left for a candidate that was out of order.
  return ranked.find(candidate => {
    if (candidate === own || isOpen(candidate) || isFallbackOnly(candidate)) return false;
    return isFallbackOnly(own) || comebackOf(candidate) === 'back';
  });
}

/** True where reading from the cache saves more than the whole input costs at the other one, uncached. */
function isCacheWorthMore({
  facts: { costOf, served },
  own,
  goal,
}: Deciding & { readonly goal: Candidate }): boolean {
  if (costOf === undefined) return false;
  const { minUsd } = costOf(goal);
  return minUsd !== undefined && cacheUsdOf({ cost: costOf(own), served }) > minUsd;
}

/** What reading from its cache saves at the candidate that served before. */
function cacheUsdOf({
  cost: { minUsd = 0, minCachedUsd = minUsd },
  // Until a follow-up was seen, as if all of it came from the cache: only who stays learns what it is worth.
  served: { cachedShare = 1 },
}: {
  readonly cost: CandidateCost;
  readonly served: Served;
}): number {
  return cachedShare * (minUsd - minCachedUsd);
}

/** What leaving saves at least, less what the cache is worth; nothing where a price is not known, or it may be an error. */
function savingOf({
  facts: { costOf, served },
  own,
  other,
}: Deciding & { readonly other: Candidate }): number {
  if (costOf === undefined) return 0;
  const [stay, leave] = [costOf(own), costOf(other)];
  const { minUsd, maxUsd } = stay;
  if (minUsd === undefined || maxUsd === undefined) return 0;
  if (leave.minUsd === undefined || leave.maxUsd === undefined) return 0;
  const cacheUsd = cacheUsdOf({ cost: stay, served });
  const isCheaper = (stayUsd: number, leaveUsd: number) => stayUsd - cacheUsd > leaveUsd * estimateTolerance;
  return isCheaper(minUsd, leave.minUsd) && isCheaper(maxUsd, leave.maxUsd)
    ? Math.min(minUsd - leave.minUsd, maxUsd - leave.maxUsd) - cacheUsd
    : 0;
}
