import type { Clock } from '../boundary/clock.ts';
import type { TripSettings } from './breaker-settings.ts';
import { type CacheReads, createCacheReads } from './cache-reads.ts';
import { type CircuitBreakers, createCircuitBreakers } from './circuit-breaker.ts';
import { createHolds, type Holds } from './holds.ts';
import { createLatency, type Latency, noLatency } from './latency.ts';
import { memoryState } from './memory-state.ts';
import {
  createRetryBudget,
  type RetryBudget,
  type RetryBudgetSettings,
  unboundedRetries,
} from './retry-budget.ts';
import { createSessions, type Sessions } from './sessions.ts';
import { createStoreLink } from './store-link.ts';

/** How what calls share is kept. */
export type StateSettings = {
  /** Undefined where no breaker ever opens. */
  readonly circuitBreaker: TripSettings | undefined;
  /** The wait above which a candidate is left out at once. */
  readonly longRetryAfterMs: number;
  /** Undefined where retries are not bounded. */
  readonly retryBudget: RetryBudgetSettings | undefined;
  /** False where no route goes by how soon candidates answer. */
  readonly hasLatency: boolean;
  /** Sessions whose candidate is remembered at least. */
  readonly maxSessions: number;
};

/**
 * What the calls of a composite share, in one object and bounded: a call reads it, and tells it what it has seen. Everything
 * else about a call dies with it.
 */
export type SharedState = {
  /** Who is worth asking first. */
  readonly breakers: CircuitBreakers;
  /** How far retries may add to the load of what is failing. */
  readonly retryBudget: RetryBudget;
  /** How soon candidates answer. */
  readonly latency: Latency;
  /** Who served a session last. */
  readonly sessions: Sessions;
  /** How much of a follow-up's input candidates read from their prompt cache. */
  readonly cacheReads: CacheReads;
  /** What may still be spent or asked. */
  readonly holds: Holds;
};

/** Makes the state of a composite, in memory and empty. */
export function createState({
  settings: { circuitBreaker, longRetryAfterMs, retryBudget, hasLatency, maxSessions },
  clock,
  random,
}: {
  readonly settings: StateSettings;
  readonly clock: Clock;
  readonly random: () => number;
}): SharedState {
  const link = createStoreLink({ clock, onAway: () => undefined, onBack: () => holds.catchUp() });
  const holds = createHolds({ store: memoryState({ clock }), link, timeoutMs: 1_000 });
  return {
    breakers: createCircuitBreakers({ settings: circuitBreaker, longRetryAfterMs, clock, random }),
    retryBudget: retryBudget === undefined ? unboundedRetries : createRetryBudget(retryBudget),
    latency: hasLatency ? createLatency({ clock }) : noLatency,
    sessions: createSessions({ maxEntries: maxSessions }),
    cacheReads: createCacheReads(),
    holds,
  };
}
