import type { OrderFunction } from './order-function.ts';
import type { ScoreOrder } from './score.ts';

/** Shares the traffic out, by candidate name. */
export type WeightOrder = { readonly weights: Readonly<Record<string, number>> };

/**
 * In which order a route asks its candidates.
 *
 * - `'listed'`: as written.
 * - `'cheapest'`: by what the request costs with its longest output; an unknown price goes last.
 * - `'fastest'`: by observed time to first output. Candidates not tried yet go first, and in one call of twenty a random one.
 * - `'least-busy'`: by how many requests they have under way in this process.
 * - `{ weights }`: at random, by weight and name; without a weight, or with 0, a candidate is a fallback only.
 * - `{ deadlineMs, badAnswerUsd }`: by one score in USD, of what the request costs, and what failures, missed deadlines and bad
 *   answers cost by what was observed of the candidate. Until enough was, it keeps its listed place.
 * - a function: as it says; affinity is its own affair.
 */
export type Order =
  | 'listed'
  | 'cheapest'
  | 'fastest'
  | 'least-busy'
  | WeightOrder
  | ScoreOrder
  | OrderFunction;

/** Tells an order by weights. */
export function isByWeight(order: Order): order is WeightOrder {
  return typeof order === 'object' && 'weights' in order;
}

/** Tells an order by score. */
export function isByScore(order: Order): order is ScoreOrder {
  return typeof order === 'object' && 'badAnswerUsd' in order;
}

/** Tells whether an order looks at what candidates cost. */
export function ordersByCost(order: Order): boolean {
  return order === 'cheapest' || typeof order === 'function' || isByScore(order);
}

/** Tells whether an order looks at how soon candidates answer. */
export function ordersBySpeed(order: Order): boolean {
  return order === 'fastest' || typeof order === 'function';
}
