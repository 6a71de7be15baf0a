import type { Candidate } from '../candidate/candidate.ts';
import type { Affinity } from './affinity/affinity.ts';
import { decideAffinity } from './affinity/decide-affinity.ts';
import { type Home, hasHome, homeOf } from './affinity/home.ts';
import { reasonOf } from './affinity/homecoming.ts';
import { isTurnStart } from './affinity/turn-start.ts';
import { isByWeight } from './order/order.ts';
import { rankCandidates, weightOf } from './order/rank-candidates.ts';
import type { RankedCandidate } from './order/ranking.ts';
import { goesLast, type PlanFacts, type Route } from './plan-facts.ts';
import type { Placed } from './planned-step.ts';

/** A call on its route: who may be asked, and in which order those that can serve would be. */
export type Ranked = {
  readonly route: Route;
  /** All of the route, also those that may not be asked in this call. */
  readonly everyone: ReadonlyArray<Candidate>;
  readonly ranked: ReadonlyArray<RankedCandidate>;
  readonly facts: PlanFacts;
};

/** Where a conversation goes in this call, and where it belongs. */
export type PlacedServed = {
  readonly placed: ReadonlyArray<Placed>;
  readonly affinity?: Affinity;
  readonly home?: Home;
  /** The candidate that was out of order and to which this call brings the conversation back. */
  readonly returnsTo?: Candidate;
};

/** Puts the candidate in front on which the conversation stays, or to which it returns. */
export function placeServed(own: Ranked): PlacedServed {
  const { route, ranked } = own;
  if (!route.hasAffinity || typeof route.order === 'function') return { placed: ranked };
  const affinity = affinityOf(own);
  const returnsTo = affinity && goalOf({ own, affinity });
  return {
    placed: withAffinity({ ranked, affinity }),
    ...(affinity !== undefined && { affinity }),
    ...(hasHome(route.order) && { home: homeIn({ own, affinity }) }),
    ...(returnsTo !== undefined && { returnsTo }),
  };
}

/** What affinity decides; undefined where nobody served before. */
function affinityOf({ route: { candidates, order, returnWhen = 'recovered' }, ranked, facts }: Ranked) {
  const { served, healthOf, interrupted, costOf, options, comebackOf = () => 'early' } = facts;
  if (served === undefined) return undefined;
  const weights = isByWeight(order) ? order.weights : undefined;
  const isAnswering = options.prompt.at(-1)?.role === 'tool';
  return decideAffinity({
    served,
    ranked: ranked.map(({ candidate }) => candidate),
    isInRoute: name => candidates.some(candidate => candidate.name === name),
    isOpen: candidate => goesLast(healthOf(candidate)),
    isClosed: candidate => healthOf(candidate).state === 'closed',
    isInterrupted: ({ name }) => interrupted.includes(name),
    isFallbackOnly: weights && (candidate => weightOf({ weights, candidate }) === 0),
    // Weights share the traffic out; a price must not shift them. Between a tool's result and the answer to it the reasoning
    // that led to the tool call is still needed, and only who wrote it can read it.
    costOf: weights !== undefined || isAnswering ? undefined : costOf,
    returnWhen,
    isAnswering,
    mayReturn: hasHome(order) && isTurnStart(options.prompt),
    comebackOf,
  });
}

/** The candidate that this conversation left because it was out of order, where it goes back to it. */
function goalOf({
  own: { ranked, facts },
  affinity,
}: {
  readonly own: Ranked;
  readonly affinity: Affinity;
}): Candidate | undefined {
  if (reasonOf(facts.served?.away ?? '') !== 'down') return undefined;
  if (affinity.decision === 'returned')
    return ranked.find(({ candidate }) => candidate.name === affinity.candidate)?.candidate;
  if (affinity.decision === 'stayed' || affinity.reason !== 'cheaper') return undefined;
  return ranked.find(({ candidate }) => !goesLast(facts.healthOf(candidate)))?.candidate;
}

/** The candidate on which the conversation stays goes first; behind one to which it returns, where its cache is. */
function withAffinity({
  ranked,
  affinity,
}: {
  readonly ranked: ReadonlyArray<RankedCandidate>;
  readonly affinity: Affinity | undefined;
}): ReadonlyArray<Placed> {
  if (affinity === undefined || affinity.decision === 'left') return ranked;
  const placeOf = (name: string) => ranked.find(({ candidate }) => candidate.name === name);
  const isReturn = affinity.decision === 'returned';
  const goal = isReturn ? placeOf(affinity.candidate) : undefined;
  const own = placeOf(isReturn ? affinity.from : affinity.candidate);
  if (own === undefined || own === ranked[0]) return goal === undefined ? ranked : [goal, ...without(goal)];
  return [...(goal === undefined ? [] : [goal]), { ...own, reason: 'affinity' }, ...without(goal, own)];

  function without(...taken: ReadonlyArray<RankedCandidate | undefined>): ReadonlyArray<Placed> {
    return ranked.filter(other => !taken.includes(other));
  }
}

/** Where the conversation belongs: on the first of all candidates of the route, whoever can be asked just now. */
function homeIn({ own, affinity }: { readonly own: Ranked; readonly affinity: Affinity | undefined }): Home {
  const { everyone, ranked, facts } = own;
  const { served, options, healthOf, interrupted } = facts;
  const home = preferred({ own, affinity });
  const isRanked = ranked.some(({ candidate }) => candidate.name === home?.name);
  const isAllowed = own.route.candidates.some(({ name }) => name === home?.name);
  const isDown = home !== undefined && (goesLast(healthOf(home)) || interrupted.includes(home.name));
  return homeOf({
    home: home?.name ?? '',
    served,
    affinity,
    isTurnStart: isTurnStart(options.prompt),
    absence: !isAllowed ? 'not-allowed' : !isRanked ? 'unable' : isDown ? 'down' : undefined,
    isElsewhere: served !== undefined && !everyone.some(({ name }) => name === served.candidate),
  });
}

function preferred({
  own: { route, everyone, ranked, facts },
  affinity,
}: {
  readonly own: Ranked;
  readonly affinity: Affinity | undefined;
}): Candidate | undefined {
  const { order } = route;
  if (order === 'listed') return everyone[0];
  if (isByWeight(order)) return drawn({ everyone, ranked, facts, affinity });
  if (ranked.length === everyone.length) return ranked[0]?.candidate;
  const all = rankCandidates({ order, candidates: everyone, routeNames: () => [], facts });
  return all.ranked[0]?.candidate;
}

/** Weights prefer nobody: a conversation belongs where it is, unless it is there because another one was out of order. */
function drawn({
  everyone,
  ranked,
  facts: { served },
  affinity,
}: Omit<Ranked, 'route'> & { readonly affinity: Affinity | undefined }): Candidate | undefined {
  if (served === undefined || affinity === undefined) return ranked[0]?.candidate;
  const { decision } = affinity;
  if (decision === 'returned') return everyone.find(({ name }) => name === affinity.candidate);
  if (decision === 'left' && (affinity.reason === 'no-weight' || affinity.reason === 'not-in-route'))
    return ranked[0]?.candidate;
  return reasonOf(served.away ?? '') === undefined
    ? everyone.find(({ name }) => name === served.candidate)
    : undefined;
}
