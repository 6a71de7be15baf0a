import type { LanguageModelV4CallOptions } from '@ai-sdk/provider';
import type { Candidate } from '../../candidate/candidate.ts';
import type { ObservedLatency } from '../../state/observed/latency.ts';
import type { Merits } from '../../state/observed/merits.ts';
import type { CandidateCost } from './candidate-cost.ts';
import type { ScoreTerms } from './score.ts';

/** Why a candidate has its place in the order. */
export type OrderReason =
  | 'listed'
  | 'cheapest'
  | 'price-unknown'
  | 'fastest'
  | 'speed-unknown'
  | 'exploration'
  | 'least-busy'
  | 'weighted'
  | 'score'
  | 'function';

/** A candidate in its place. */
export type RankedCandidate = {
  readonly candidate: Candidate;
  readonly reason: OrderReason;
  /** What it was ordered by: USD for `'cheapest'` and a score, milliseconds for `'fastest'`, requests for `'least-busy'`, else its weight. */
  readonly score?: number;
  /** What its score is made of. */
  readonly terms?: ScoreTerms;
};

/** What is known of the candidates when they are ordered. */
export type OrderFacts = {
  readonly options: LanguageModelV4CallOptions;
  readonly costOf: (candidate: Candidate) => CandidateCost;
  /** How many requests it has under way. */
  readonly inFlightOf: (candidate: Candidate) => number;
  readonly latencyOf: (candidate: Candidate) => ObservedLatency;
  /** What the candidate has shown, for a score. */
  readonly meritsOf: (candidate: Candidate) => Merits;
  readonly random: () => number;
  /** Who served the conversation before, where that is known. */
  readonly served: { readonly candidate: string } | undefined;
};

/** The candidates in their order, none lost and none twice, and what the result should warn about. */
export type Ranking = {
  readonly ranked: ReadonlyArray<RankedCandidate>;
  readonly warnings: ReadonlyArray<string>;
};

export const noWarnings: ReadonlyArray<string> = [];

/** As listed. */
export function asListed({
  candidates,
  warnings,
}: {
  readonly candidates: ReadonlyArray<Candidate>;
  readonly warnings: ReadonlyArray<string>;
}): Ranking {
  return { ranked: candidates.map(candidate => ({ candidate, reason: 'listed' })), warnings };
}
