import type { Cost } from './cost.ts';
import { fieldOf } from './usage/token-count.ts';

/** The cost of an answer that a cache of the user's gave again. */
export const cachedCost: Cost = { status: 'priced', usd: 0, usdExact: '0', lineItems: [], source: 'cache' };

/**
 * Tells whether a cache marked an answer as its own: `cached: true` in `providerMetadata.composite`. Nothing else tells it:
 * a replayed answer has the usage, and the report, of the day it was paid for.
 */
export function isMarkedCached(composite: unknown): boolean {
  return fieldOf(composite, 'cached') === true;
}
