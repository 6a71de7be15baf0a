import { checkOptions, refuse } from '../boundary/check.ts';
import { type Clock, systemClock } from '../boundary/clock.ts';
import { defined } from '../boundary/defined.ts';
import type { BudgetSettings } from '../budget/budget.ts';
import type { Candidate } from '../candidate/candidate.ts';
import { createRegister } from '../candidate/model.ts';
import type { Prices, PricingOptions } from '../cost/index.ts';
import type { BackoffSettings } from '../fallback/backoff.ts';
import type { Observers } from '../report/events.ts';
import type { ModelCatalogs } from '../route/model-catalog.ts';
import { isByScore, ordersBySpeed } from '../route/order.ts';
import type { Classify } from '../route/task.ts';
import type { CircuitBreakerSettings, TripSettings } from '../state/breaker-settings.ts';
import type { OutageSettings } from '../state/outage-events.ts';
import type { RetryBudgetSettings } from '../state/retry-budget.ts';
import type { StateSettings } from '../state/state.ts';
import type { StateStore } from '../state/store.ts';
import { parseSpending, type Spending } from './budget-settings.ts';
import { defaults } from './defaults.ts';
import { parseObservers } from './observer-settings.ts';
import { idsFrom, randomFrom } from './own-sources.ts';
import {
  checkOrder,
  isHedge,
  type ParsedRoute,
  parseRoute,
  type RouteInput,
  type RouteOptions,
} from './route-settings.ts';
import { settingsSchemas } from './settings-schema.ts';

/** Everything `createComposite` and `compositeMiddleware` take. */
export type CompositeSettings<TASK extends string = string> = RouteOptions &
  Observers &
  OutageSettings & {
    /** The routes, by task. */
    readonly tasks: Readonly<Record<TASK, RouteInput>>;
    /** More observers, beside those set here one by one; each is told of everything, in their order. */
    readonly observers?: Observers | ReadonlyArray<Observers>;
    /** The task of calls that name none; default: the first. */
    readonly defaultTask?: NoInfer<TASK>;
    /** Finds the task of calls that name none. */
    readonly classify?: Classify<NoInfer<TASK>>;
    /** How long `classify` may take, in milliseconds; default 3,000. The time counts for `totalMs`, which does not cut it. */
    readonly classifyTimeoutMs?: number;
    /** USD per 1M tokens by `provider/model`, exact or with a trailing `*`; wins over the catalog. */
    readonly prices?: Prices;
    /** More about pricing: a catalog of your own, an estimator, a place for warnings. */
    readonly pricing?: Omit<PricingOptions, 'prices' | 'now' | 'schedule'>;
    /**
     * What models can do, by their provider packages: requests skip a candidate whose catalog says that it cannot serve
     * them. A candidate's own `capabilities` win.
     */
    readonly modelCatalogs?: ModelCatalogs;
    /** How long to wait before a retry; `false` asks nobody a second time, as `attempts: 1` does. */
    readonly retry?: Partial<BackoffSettings> | boolean;
    /** How far retries may add to the load of failing providers; `false` sets no such bound. */
    readonly retryBudget?: Partial<RetryBudgetSettings> | boolean;
    /** When candidates are left out for a while; `false` leaves nobody out. */
    readonly circuitBreaker?: Partial<CircuitBreakerSettings> | boolean;
    /**
     * Where what calls share is kept, so that other composites and processes have it too: circuit breakers, who served a
     * session, what a conversation is about, budgets and rate limits. Default: in the composite itself.
     */
    readonly state?: StateStore;
    /** Keeps composites apart that share one `state`; those of one namespace share by candidate names. Default: `'default'`. */
    readonly namespace?: string;
    /**
     * What calls may cost at most: a request is made only where its worst case fits into every budget that counts it.
     * Default: no bound.
     */
    readonly budgets?: ReadonlyArray<BudgetSettings>;
    /**
     * What budgets do while nobody can ask their `state`: `'stop'` refuses calls, `'allow'` lets them go on, and counts what they
     * cost when it is back. Default: `'stop'`.
     */
    readonly whenStateIsAway?: 'stop' | 'allow';
    /** Makes call ids; default `crypto.randomUUID`. */
    readonly generateId?: () => string;
    /** Time, for tests. */
    readonly clock?: Clock;
    /** Numbers from 0 to below 1, for tests; default `Math.random`. */
    readonly random?: () => number;
  };

/** Settings with every default filled in. */
export type ParsedSettings = {
  readonly routes: ReadonlyMap<string, ParsedRoute>;
  readonly defaultTask: string;
  readonly candidates: ReadonlyArray<Candidate>;
  readonly classify: Classify | undefined;
  readonly classifyTimeoutMs: number;
  readonly backoff: BackoffSettings;
  readonly state: StateSettings;
  readonly outages: OutageSettings;
  readonly pricing: PricingOptions;
  /** Undefined where nothing bounds what calls spend or ask. */
  readonly spending: Spending | undefined;
  readonly observers: ReadonlyArray<Observers>;
  readonly generateId: () => string;
  /** Ids come from a function of the user's, which is called once a call. */
  readonly hasOwnIds: boolean;
  readonly clock: Clock;
  readonly random: () => number;
};

/**
 * Parses settings and fills in every default. Throws `InvalidArgumentError` that names the option, echoes the value and says
 * the fix.
 */
export function parseSettings<TASK extends string>(input: CompositeSettings<TASK>): ParsedSettings {
  checkOptions({ schemas: settingsSchemas, needed: 'tasks', value: input, path: [] });
  const routes = parseRoutes(input);
  const candidates = [...routes.values()].flatMap(route => route.candidates);
  if (input.retry === false) checkNoRetries(candidates);
  if (input.order !== undefined) {
    const names = new Set(candidates.map(({ name }) => name));
    checkOrder({ order: input.order, names, path: [] });
  }
  const { clock = systemClock } = input;
  const backoff = parseBackoff(input);
  const pricing: PricingOptions = {
    ...defined(input.pricing),
    ...(input.prices !== undefined && { prices: input.prices }),
    now: clock.now,
    schedule: clock.schedule,
  };
  return {
    routes,
    defaultTask: parseDefaultTask({ defaultTask: input.defaultTask, routes }),
    candidates,
    classify: input.classify,
    classifyTimeoutMs: input.classifyTimeoutMs ?? defaults.classifyTimeoutMs,
    backoff,
    state: parseState({ input, backoff, routes }),
    outages: input,
    pricing,
    spending: parseSpending({
      budgets: input.budgets,
      whenStateIsAway: input.whenStateIsAway,
      candidates,
      pricing,
      defaults: defaults.budgets,
    }),
    observers: parseObservers(input),
    generateId: idsFrom(input.generateId),
    hasOwnIds: input.generateId !== undefined,
    clock,
    random: randomFrom(input.random),
  };
}

function parseRoutes(input: CompositeSettings): ReadonlyMap<string, ParsedRoute> {
  const tasks = Object.entries(input.tasks);
  if (tasks.length === 0)
    refuse({ path: ['tasks'], value: input.tasks, problem: 'must have at least one task' });
  const register = createRegister();
  const { modelCatalogs = defaults.modelCatalogs } = input;
  const attempts = input.retry === false ? 1 : defaults.attempts;
  const routes = new Map(
    tasks.map(([task, route]) => [
      task,
      parseRoute({ task, route, input, defaults: { ...defaults, attempts, modelCatalogs }, register }),
    ]),
  );
  if (isHedge(input.hedge) && [...routes.values()].every(({ candidates }) => candidates.length < 2)) {
    refuse({
      path: ['hedge'],
      value: input.hedge,
      problem: 'needs a route with a second candidate to start',
    });
  }
  return routes;
}

function parseDefaultTask({
  routes,
  defaultTask = [...routes.keys()][0] ?? '',
}: {
  readonly routes: ReadonlyMap<string, ParsedRoute>;
  readonly defaultTask: string | undefined;
}): string {
  if (!routes.has(defaultTask))
    refuse({
      path: ['defaultTask'],
      value: defaultTask,
      problem: `must be one of the tasks: ${[...routes.keys()].join(', ')}`,
    });
  return defaultTask;
}

function parseBackoff(input: CompositeSettings): BackoffSettings {
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

function parseState({
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

function checkNoRetries(candidates: ReadonlyArray<Candidate>): void {
  for (const { name, attempts } of candidates) {
    if (attempts === 1) continue;
    refuse({
      path: ['retry'],
      value: false,
      problem: `asks nobody a second time, but ${name} has attempts: ${attempts}; leave one of the two out`,
    });
  }
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
