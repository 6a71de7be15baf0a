import { refuse } from '../boundary/check.ts';
import { defined } from '../boundary/defined.ts';
import type { BackoffSettings } from '../fallback/backoff.ts';
import { isByScore, ordersBySpeed } from '../route/order/order.ts';
import type { TripSettings } from '../state/breakers/breaker-settings.ts';
import type { StateSettings } from '../state/state.ts';
import type { CompositeSettings } from './composite-settings.ts';
import { defaults } from './defaults.ts';
import type { ParsedRoute } from './route-settings.ts';

/** How long to wait before a retry. */
export function parseBackoff(input: CompositeSettings): BackoffSettings {
  const retry = optionsOf(input.retry);
  return {
    ...defaults.retry,
    ...retry,
    maxDelayMs: boundOf({
      path: ['retry', 'maxDelayMs'],
      bound: retry.maxDelayMs,
      fallback: defaults.retry.maxDelayMs,
      first: ['initialDelayMs', retry.initialDelayMs ?? defaults.retry.initialDelayMs],
    }),
  };
}

/** What calls share. */
export function parseState({
  input,
  backoff,
  routes,
}: {
  readonly input: CompositeSettings;
  readonly backoff: BackoffSettings;
  readonly routes: ReadonlyMap<string, ParsedRoute>;
}): StateSettings {
  const circuitBreaker = parseBreaker(input);
  return {
    circuitBreaker: input.circuitBreaker === false ? undefined : circuitBreaker,
    longRetryAfterMs: backoff.maxRetryAfterMs,
    retryBudget:
      input.retryBudget === false ? undefined : { ...defaults.retryBudget, ...optionsOf(input.retryBudget) },
    hasLatency: [...routes.values()].some(({ order }) => ordersBySpeed(order)),
    observed: parseObserved(routes),
    hasInFlight: [...routes.values()].some(({ order }) => order === 'least-busy'),
    maxSessions: defaults.maxSessions,
    store: input.state,
    namespace: input.namespace ?? defaults.namespace,
  };
}

/** What there is to learn; undefined where no route goes by it. */
function parseObserved(routes: ReadonlyMap<string, ParsedRoute>): StateSettings['observed'] {
  const deadlines = new Set<number>();
  for (const { order } of routes.values()) if (isByScore(order)) deadlines.add(order.deadlineMs);
  const hasWaits = [...routes.values()].some(
    ({ hedgeAfterMs, candidates }) =>
      hedgeAfterMs === 'adaptive' ||
      candidates.some(({ timeouts }) => timeouts.firstChunkMs.isAdaptive === true),
  );
  if (deadlines.size === 0 && !hasWaits) return undefined;
  return { deadlines: [...deadlines], maxCalls: defaults.maxRatedCalls, hasWaits };
}

function parseBreaker(input: CompositeSettings): TripSettings {
  const own = optionsOf(input.circuitBreaker);
  const cooldownMs =
    own.cooldownMs ??
    (own.maxCooldownMs === undefined ? defaults.circuitBreaker.cooldownMs : defaults.growingCooldownMs);
  return {
    ...defaults.circuitBreaker,
    quietMs: own.failureThreshold === undefined ? defaults.quietMs : Number.POSITIVE_INFINITY,
    ...own,
    cooldownMs,
    maxCooldownMs: boundOf({
      path: ['circuitBreaker', 'maxCooldownMs'],
      bound: own.maxCooldownMs,
      fallback: defaults.circuitBreaker.maxCooldownMs,
      first: ['cooldownMs', cooldownMs],
    }),
  };
}

/** What was set of a group of options; `true` is every default. */
function optionsOf<OPTIONS extends object>(options: OPTIONS | boolean | undefined) {
  return defined(typeof options === 'object' ? options : undefined);
}

/** The bound of a growing delay: never below the delay it starts from, which is refused where both are set. */
function boundOf({
  path,
  bound,
  fallback,
  first: [name, firstMs],
}: {
  readonly path: ReadonlyArray<string>;
  readonly bound: number | undefined;
  readonly fallback: number;
  readonly first: readonly [name: string, ms: number];
}): number {
  if (bound === undefined) return Math.max(fallback, firstMs);
  if (bound < firstMs) refuse({ path, value: bound, problem: `must not be below ${name}, ${firstMs}` });
  return bound;
}
