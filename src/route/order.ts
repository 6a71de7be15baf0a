import type { OrderFunction } from './order-function.ts';

/**
 * In which order a route asks its candidates.
 *
 * - `'listed'`: as written.
 * - `'cheapest'`: by what the request costs with its longest output; an unknown price goes last.
 * - `'fastest'`: by observed time to first output. Candidates not tried yet go first, and in one call of twenty a random one.
 * - `'least-busy'`: by how many requests they have under way in this process.
 * - `{ weights }`: at random, by weight and name; without a weight, or with 0, a candidate is a fallback only.
 * - a function: as it says; affinity is its own affair.
 */
export type Order =
  | 'listed'
  | 'cheapest'
  | 'fastest'
  | 'least-busy'
  | { readonly weights: Readonly<Record<string, number>> }
  | OrderFunction;

/** Tells whether an order looks at what candidates cost. */
export function ordersByCost(order: Order): boolean {
  return order === 'cheapest' || typeof order === 'function';
}

/** Tells whether an order looks at how soon candidates answer. */
export function ordersBySpeed(order: Order): boolean {
  return order === 'fastest' || typeof order === 'function';
}
