import type { Candidate } from '../candidate/candidate.ts';
import type { Order } from './order/order.ts';
import type { OrderReason } from './order/ranking.ts';
import type { ScoreTerms } from './order/score.ts';

/** One candidate in its place, and why it stands there. */
export type PlannedStep = {
  readonly candidate: Candidate;
  readonly maxAttempts: number;
  readonly reason:
    | OrderReason
    | 'affinity'
    | 'incapable'
    | 'pinned'
    | 'probe'
    | 'circuit-open'
    | 'interrupted';
  /** What it was ordered by: USD for `'cheapest'` and a score, milliseconds for `'fastest'`, requests for `'least-busy'`, its weight for weights. */
  readonly score?: number;
  /** What its score is made of; left out for every other order. */
  readonly terms?: ScoreTerms;
};

/** A candidate in its place, before anybody looked at its circuit breaker. */
export type Placed = Pick<PlannedStep, 'candidate' | 'reason' | 'score' | 'terms'>;

/** The steps of a route that asks its candidates as they are listed, while all of them are able and healthy. */
export function listedSteps({
  order,
  candidates,
}: {
  readonly order: Order;
  readonly candidates: ReadonlyArray<Candidate>;
}): ReadonlyArray<PlannedStep> | undefined {
  if (order !== 'listed') return undefined;
  return candidates.map(candidate => toStep({ candidate, reason: 'listed' }));
}

/** A candidate in its place as a step. */
export function toStep({ candidate, reason, score, terms }: Placed): PlannedStep {
  return {
    candidate,
    maxAttempts: candidate.attempts,
    reason,
    ...(score !== undefined && { score }),
    ...(terms !== undefined && { terms }),
  };
}
