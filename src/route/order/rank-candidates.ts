import type { Candidate } from '../../candidate/candidate.ts';
import { isByScore, type Order } from './order.ts';
import { byFunction } from './order-function.ts';
import { rankByScore } from './rank-by-score.ts';
import { asListed, noWarnings, type OrderFacts, type RankedCandidate, type Ranking } from './ranking.ts';

/** How often `'fastest'` asks a random candidate first: a candidate that was slow once must get another chance. */
const explorationShare = 0.05;

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
  if (order === 'least-busy') return { ranked: byLoad({ candidates, facts }), warnings: noWarnings };
  if (typeof order === 'function') return byFunction({ order, candidates, routeNames, facts });
  if (isByScore(order)) return { ranked: rankByScore({ order, candidates, facts }), warnings: noWarnings };
  return { ranked: byWeight({ weights: order.weights, candidates, facts }), warnings: noWarnings };
}

type Listed = { readonly candidates: ReadonlyArray<Candidate>; readonly facts: OrderFacts };

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

function byLoad({ candidates, facts }: Listed): ReadonlyArray<RankedCandidate> {
  return candidates
    .map(
      (candidate): RankedCandidate => ({
        candidate,
        reason: 'least-busy',
        score: facts.inFlightOf(candidate),
      }),
    )
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
