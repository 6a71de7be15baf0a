import type { Clock } from '../boundary/clock.ts';
import type { TripSettings } from './breakers/breaker-settings.ts';
import { type CircuitBreakers, createCircuitBreakers } from './breakers/circuit-breaker.ts';
import {
  createRetryBudget,
  type RetryBudget,
  type RetryBudgetSettings,
  unboundedRetries,
} from './breakers/retry-budget.ts';
import type { Interruptions } from './conversations/interruptions.ts';
import { createSessions, type Sessions } from './conversations/sessions.ts';
import { type CacheReads, createCacheReads } from './observed/cache-reads.ts';
import { createInFlight, type InFlight } from './observed/in-flight.ts';
import { createLatency, type Latency, noLatency } from './observed/latency.ts';
import { createLazyObserved, type LazyObserved } from './observed/lazy-observed.ts';
import type { ObservedSettings } from './observed/observed.ts';
import { createLazyShared, type LazyShared } from './shared/lazy-shared.ts';
import type { OutageSettings } from './shared/outage-events.ts';
import type { SharedOwner } from './shared/shared.ts';
import type { StateStore } from './store.ts';

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
  /** Undefined where no route learns from attempts beyond that. */
  readonly observed: ObservedSettings | undefined;
  /** False where no route goes by what is under way. */
  readonly hasInFlight: boolean;
  /** Sessions whose candidate is remembered at least. */
  readonly maxSessions: number;
  /** Undefined where nothing is shared. */
  readonly store: StateStore | undefined;
  readonly namespace: string;
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
  /** What else was seen of candidates; undefined where no route learns from it. */
  readonly observed: LazyObserved | undefined;
  /** How much candidates have under way; undefined where nobody goes by it. */
  readonly inFlight: InFlight | undefined;
  /** Who served a session last. */
  readonly sessions: Sessions;
  /** How much of a follow-up's input candidates read from their prompt cache. */
  readonly cacheReads: CacheReads;
  /** Calls whose answer broke off a moment ago, in this process: who repeats one is in it. Made with the first of them. */
  readonly interruptions: { memory: Interruptions | undefined };
  /** What others share, too: what may still be spent or asked, and what other processes have seen. */
  readonly shared: LazyShared;
  /**
   * Takes over what others have seen, before a call is planned; undefined where nobody else can have seen anything. A promise
   * while the code for it is loading.
   */
  readonly look: (() => Promise<void> | undefined) | undefined;
};

/** Makes the state of a composite, in memory and empty. */
export function createState({
  settings: {
    circuitBreaker,
    longRetryAfterMs,
    retryBudget,
    hasLatency,
    observed,
    hasInFlight,
    maxSessions,
    store,
    namespace,
  },
  candidates,
  observers,
  clock,
  random,
}: {
  readonly settings: StateSettings;
  readonly candidates: ReadonlyArray<SharedOwner>;
  readonly observers: OutageSettings;
  readonly clock: Clock;
  readonly random: () => number;
}): SharedState {
  const breakers = createCircuitBreakers({ settings: circuitBreaker, longRetryAfterMs, clock, random });
  const shared = createLazyShared({ store, namespace, clock, breakers, candidates, observers });
  const isShared = store !== undefined || candidates.some(({ healthKey }) => healthKey !== undefined);
  return {
    breakers,
    retryBudget: retryBudget === undefined ? unboundedRetries : createRetryBudget(retryBudget),
    latency: hasLatency ? createLatency({ clock }) : noLatency,
    observed: observed && createLazyObserved({ settings: observed, clock }),
    inFlight: hasInFlight ? createInFlight() : undefined,
    sessions: createSessions({
      maxEntries: maxSessions,
      notes: store === undefined ? undefined : () => shared.now()?.notes,
    }),
    cacheReads: createCacheReads(),
    interruptions: { memory: undefined },
    shared,
    look: isShared ? lookAt(shared) : undefined,
  };
}

/** Begins to look at once, so that the first call knows what others know, if it can. */
function lookAt(shared: LazyShared): () => Promise<void> | undefined {
  const looking = shared.now() === undefined ? shared.later().then(ignore, ignore) : undefined;
  return () => {
    const known = shared.now();
    known?.look();
    return known === undefined ? looking : undefined;
  };
}

function ignore(): void {}
