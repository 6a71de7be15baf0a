import type { LanguageModelV4CallOptions } from '@ai-sdk/provider';
import type { Candidate } from '../candidate.ts';
import { errorName } from './error-name.ts';
import type { ObservedLatency } from './latency.ts';

/** What a request may cost at a candidate; amounts are absent where no price is known. */
export type CandidateCost = {
  /** The input alone. */
  readonly minUsd?: number;
  /** The input alone, all of it read from the prompt cache. */
  readonly minCachedUsd?: number;
  /** The input with the longest output. */
  readonly maxUsd?: number;
};

/** What a function orders by: the candidates that can serve the request, all where none can, as listed, and the call's options. */
export type OrderContext = {
  readonly candidates: ReadonlyArray<{
    readonly name: string;
    readonly provider: string;
    readonly modelId: string;
    readonly cost: CandidateCost;
    /** Observed average time to first output; absent while none was seen. */
    readonly firstChunkMs?: number;
  }>;
  readonly options: LanguageModelV4CallOptions;
  /** The candidate that served the conversation before; its prompt cache and signatures are there. */
  readonly servedBy?: string;
};

/** Names candidates in the order to ask them in; those it leaves out follow as listed. */
export type OrderFunction = (context: OrderContext) => ReadonlyArray<string>;

/**
 * In which order a route asks its candidates.
 *
 * - `'listed'`: as written.
 * - `'cheapest'`: by what the request costs with its longest output; an unknown price goes last.
 * - `'fastest'`: by observed time to first output. Candidates not tried yet go first, and in one call of twenty a random one.
 * - `{ weights }`: at random, by weight and name; without a weight, or with 0, a candidate is a fallback only.
 * - a function: as it says; affinity is its own affair.
 */
export type Order =
  | 'listed'
  | 'cheapest'
  | 'fastest'
  | { readonly weights: Readonly<Record<string, number>> }
  | OrderFunction;

/** Why a candidate has its place in the order. */
export type OrderReason =
  | 'listed'
  | 'cheapest'
  | 'price-unknown'
  | 'fastest'
  | 'speed-unknown'
  | 'exploration'
  | 'weighted'
  | 'function';

/** A candidate in its place. */
export type RankedCandidate = {
  readonly candidate: Candidate;
  readonly reason: OrderReason;
  /** What it was ordered by: USD for `'cheapest'`, milliseconds for `'fastest'`, else its weight. */
  readonly score?: number;
};

/** What is known of the candidates when they are ordered. */
export type OrderFacts = {
  readonly options: LanguageModelV4CallOptions;
  readonly costOf: (candidate: Candidate) => CandidateCost;
  readonly latencyOf: (candidate: Candidate) => ObservedLatency;
  readonly random: () => number;
  /** Who served the conversation before, where that is known. */
  readonly served: { readonly candidate: string } | undefined;
};

/** The candidates in their order, none lost and none twice, and what the result should warn about. */
export type Ranking = {
  readonly ranked: ReadonlyArray<RankedCandidate>;
  readonly warnings: ReadonlyArray<string>;
};

/** How often `'fastest'` asks a random candidate first: a candidate that was slow once must get another chance. */
const explorationShare = 0.05;

const noWarnings: ReadonlyArray<string> = [];

/** Tells whether an order looks at what candidates cost. */
export function ordersByCost(order: Order): boolean {
  return order === 'cheapest' || typeof order === 'function';
}

/** Orders candidates. Ties keep the listed order. */
export function rankCandidates({
  order,
  candidates,
  routeNames,
  facts,
}: {
  readonly order: Order;
  /** Those that can serve the request, as listed. */
  readonly candidates: ReadonlyArray<Candidate>;
  /** All of the route: a function may well name one that was skipped. */
  readonly routeNames: () => ReadonlyArray<string>;
  readonly facts: OrderFacts;
}): Ranking {
  if (order === 'listed') return asListed({ candidates, warnings: noWarnings });
  if (order === 'cheapest') return { ranked: byCost({ candidates, facts }), warnings: noWarnings };
  if (order === 'fastest') return { ranked: bySpeed({ candidates, facts }), warnings: noWarnings };
  if (typeof order === 'function') return byFunction({ order, candidates, routeNames, facts });
  return { ranked: byWeight({ weights: order.weights, candidates, facts }), warnings: noWarnings };
}

type Listed = { readonly candidates: ReadonlyArray<Candidate>; readonly facts: OrderFacts };

function asListed({
  candidates,
  warnings,
}: {
  readonly candidates: ReadonlyArray<Candidate>;
  readonly warnings: ReadonlyArray<string>;
}): Ranking {
  return { ranked: candidates.map(candidate => ({ candidate, reason: 'listed' })), warnings };
}

function byCost({ candidates, facts }: Listed): ReadonlyArray<RankedCandidate> {
  return candidates
    .map((candidate): RankedCandidate => {
      const { maxUsd } = facts.costOf(candidate);
      return maxUsd === undefined
        ? { candidate, reason: 'price-unknown' }
        : { candidate, reason: 'cheapest', score: maxUsd };
    })
    .sort(byScore);
}

function bySpeed({ candidates, facts }: Listed): ReadonlyArray<RankedCandidate> {
  const untried: RankedCandidate[] = [];
  const tried: RankedCandidate[] = [];
  for (const candidate of candidates) {
    const { isTried, firstChunkMs } = facts.latencyOf(candidate);
    if (!isTried) untried.push({ candidate, reason: 'exploration' });
    else if (firstChunkMs === undefined) tried.push({ candidate, reason: 'speed-unknown' });
    else tried.push({ candidate, reason: 'fastest', score: firstChunkMs });
  }
  tried.sort(byScore);
  const explored =
    facts.random() < explorationShare
      ? candidates[Math.min(candidates.length - 1, Math.floor(facts.random() * candidates.length))]
      : undefined;
  const ranked = [...untried, ...tried];
  const first = ranked.find(({ candidate }) => candidate === explored);
  if (first === undefined) return ranked;
  return [{ ...first, reason: 'exploration' }, ...ranked.filter(other => other !== first)];
}

/** A lower score first, none last. */
function byScore(one: RankedCandidate, other: RankedCandidate): number {
  if (one.score === other.score) return 0;
  return (one.score ?? Infinity) - (other.score ?? Infinity);
}

/** A candidate's share of the traffic; 0 for a fallback. */
export function weightOf({
  weights,
  candidate: { name },
}: {
  readonly weights: Readonly<Record<string, number>>;
  readonly candidate: Candidate;
}): number {
  return Object.hasOwn(weights, name) ? (weights[name] ?? 0) : 0;
}

/** Draws without replacement, so that the order of the fallbacks is weighted too. */
function byWeight({
  weights,
  candidates,
  facts,
}: Listed & { readonly weights: Readonly<Record<string, number>> }): ReadonlyArray<RankedCandidate> {
  const waiting = candidates.map((candidate): RankedCandidate & { readonly score: number } => ({
    candidate,
    reason: 'weighted',
    score: weightOf({ weights, candidate }),
  }));
  const drawn: RankedCandidate[] = [];
  let total = waiting.reduce((sum, { score }) => sum + score, 0);
  while (total > 0) {
    let left = facts.random() * total;
    let chosen = -1;
    // A candidate without weight is never drawn; the last one with weight takes what rounding leaves over.
    for (const [index, { score }] of waiting.entries()) {
      if (score === 0) continue;
      chosen = index;
      left -= score;
      if (left < 0) break;
    }
    drawn.push(...waiting.splice(chosen, 1));
    total = waiting.reduce((sum, { score }) => sum + score, 0);
  }
  return [...drawn, ...waiting];
}

function byFunction({
  order,
  candidates,
  routeNames,
  facts,
}: Listed & { readonly order: OrderFunction; readonly routeNames: () => ReadonlyArray<string> }): Ranking {
  let names: unknown;
  try {
    names = order({
      candidates: candidates.map(candidate => describe({ candidate, facts })),
      options: facts.options,
      ...(facts.served !== undefined && { servedBy: facts.served.candidate }),
    });
  } catch (error) {
    const warning = `The order function failed (${errorName(error)}); used the listed order.`;
    return asListed({ candidates, warnings: [warning] });
  }
  if (!Array.isArray(names)) {
    // Types forbid a promise; the rejection of one must not bring the process down.
    if (names instanceof Promise) names.catch(() => {});
    const warning = 'The order function answered no list of candidate names; used the listed order.';
    return asListed({ candidates, warnings: [warning] });
  }
  const named = new Set<unknown>(names);
  const ranked: RankedCandidate[] = [];
  const unknown: string[] = [];
  for (const name of named) {
    const candidate = candidates.find(known => known.name === name);
    if (candidate !== undefined) ranked.push({ candidate, reason: 'function' });
    else if (!routeNames().some(known => known === name))
      unknown.push(typeof name === 'string' ? `"${name}"` : `a ${typeof name}`);
  }
  for (const candidate of candidates)
    if (!named.has(candidate.name)) ranked.push({ candidate, reason: 'listed' });
  const warnings =
    unknown.length === 0
      ? noWarnings
      : [`The order function named ${unknown.join(', ')}; candidates are ${routeNames().join(', ')}.`];
  return { ranked, warnings };
}

function describe({
  candidate,
  facts,
}: {
  readonly candidate: Candidate;
  readonly facts: OrderFacts;
}): OrderContext['candidates'][number] {
  const { firstChunkMs } = facts.latencyOf(candidate);
  return {
    name: candidate.name,
    provider: candidate.model.provider,
    modelId: candidate.model.modelId,
    cost: facts.costOf(candidate),
    ...(firstChunkMs !== undefined && { firstChunkMs }),
  };
}
