import type { Clock } from '../boundary/clock.ts';
import type { BudgetSettings } from '../budget/budget.ts';
import type { Prices, PricingOptions } from '../cost/index.ts';
import type { BackoffSettings } from '../fallback/backoff.ts';
import type { Observers } from '../report/events.ts';
import type { Classify } from '../route/classify/task.ts';
import type { ModelCatalogs } from '../route/serve/model-catalog.ts';
import type { CircuitBreakerSettings } from '../state/breakers/breaker-settings.ts';
import type { RetryBudgetSettings } from '../state/breakers/retry-budget.ts';
import type { OutageSettings } from '../state/shared/outage-events.ts';
import type { StateStore } from '../state/store.ts';
import type { RouteInput, RouteOptions } from './route-options.ts';

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
