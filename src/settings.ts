import type { SharedV4ProviderOptions } from '@ai-sdk/provider';
import type { CallDefaults, Candidate, Capabilities } from './candidate.ts';
import { type Clock, systemClock } from './clock.ts';
import { createPricing, type Price, type Prices, type Pricing, type PricingOptions } from './cost/index.ts';
import type { Observers } from './events.ts';
import type { FallbackCondition } from './fallback/action.ts';
import type { BackoffSettings } from './fallback/backoff.ts';
import {
  type CircuitBreaker,
  type CircuitBreakerSettings,
  createCircuitBreakers,
} from './fallback/circuit-breaker.ts';
import { createRetryBudget, type RetryBudget, type RetryBudgetSettings } from './fallback/retry-budget.ts';
import { createRegister, isModel, type ModelInput, type Register } from './model.ts';
import type { Route } from './route/plan.ts';
import type { Classify } from './route/task.ts';
import { check, refuse } from './settings-error.ts';
import { candidateSchema, routeSchema, settingsSchema } from './settings-schema.ts';
import type { TimeoutSettings, Timeouts } from './timeouts.ts';

/** A candidate with something special to it. */
export type CandidateSettings = {
  readonly model: ModelInput;
  /** Unique in the composite; default `provider/modelId`, with `#2` and so on for a further model object of that id. */
  readonly name?: string;
  /** Merged over the call's, provider by provider. */
  readonly providerOptions?: SharedV4ProviderOptions;
  /** Call options that win over the call's own, such as `temperature`. */
  readonly settings?: CallDefaults;
  /** USD per 1M tokens; wins over `prices` and the catalog. */
  readonly price?: Price;
  /** What the model can do, where that should keep requests away from it. */
  readonly capabilities?: Capabilities;
  /** Attempts per call; default: the route's. */
  readonly attempts?: number;
  /** Time limits; default: the route's. A number is `totalMs`. */
  readonly timeout?: number | TimeoutSettings;
};

/** One candidate: a model, a model id, or a model with settings. */
export type CandidateInput = ModelInput | CandidateSettings;

/** What holds for a route, and as a default for every route of a composite. */
export type RouteOptions = {
  /** Attempts per candidate and call, retries included; default 2. */
  readonly attempts?: number;
  /** Time limits; a number is `totalMs`. */
  readonly timeout?: number | TimeoutSettings;
  /** What falls back and what does not, beyond the default of each failure kind; the first condition with a verdict decides. */
  readonly fallbackWhen?: FallbackCondition | ReadonlyArray<FallbackCondition>;
  /** Starts the next candidate beside a silent one. Off by default: it costs a second request. */
  readonly hedge?: { readonly afterMs: number };
};

/** A route: candidates in their order, at least one, optionally with settings. */
export type RouteInput =
  | ReadonlyArray<CandidateInput>
  | (RouteOptions & { readonly candidates: ReadonlyArray<CandidateInput> });

/** Everything `createComposite` and `compositeMiddleware` take. */
export type CompositeSettings<TASK extends string = string> = RouteOptions &
  Observers & {
    /** The routes, by task. */
    readonly tasks: Readonly<Record<TASK, RouteInput>>;
    /** The task of calls that name none; default: the first. */
    readonly defaultTask?: NoInfer<TASK>;
    /** Finds the task of calls that name none. */
    readonly classify?: Classify<NoInfer<TASK>>;
    /** How long `classify` may take, in milliseconds; default 3,000. */
    readonly classifyTimeoutMs?: number;
    /** USD per 1M tokens by `provider/model`, exact or with a trailing `*`; wins over the catalog. */
    readonly prices?: Prices;
    /** More about pricing: a catalog of your own, an estimator, a place for warnings. */
    readonly pricing?: Omit<PricingOptions, 'prices' | 'now'>;
    /** How long to wait before a retry. */
    readonly retry?: Partial<BackoffSettings>;
    /** How far retries may add to the load of failing providers. */
    readonly retryBudget?: Partial<RetryBudgetSettings>;
    /** When candidates are left out for a while. */
    readonly circuitBreaker?: Partial<CircuitBreakerSettings>;
    /** Makes call ids; default `crypto.randomUUID`. */
    readonly generateId?: () => string;
    /** Time, for tests. */
    readonly clock?: Clock;
    /** Numbers from 0 to below 1, for tests; default `Math.random`. */
    readonly random?: () => number;
  };

/** A route as the engine runs it. */
export type ParsedRoute = Route & {
  readonly totalMs: number;
  readonly hedgeAfterMs: number | undefined;
  readonly conditions: ReadonlyArray<FallbackCondition>;
};

/** Parsed settings with the state that calls share: breakers, retry budget, prices. */
export type Composite = {
  readonly routes: ReadonlyMap<string, ParsedRoute>;
  readonly defaultTask: string;
  readonly candidates: ReadonlyArray<Candidate>;
  readonly classify: Classify | undefined;
  readonly classifyTimeoutMs: number;
  readonly backoff: BackoffSettings;
  readonly retryBudget: RetryBudget;
  readonly breakerOf: (identity: object) => CircuitBreaker;
  readonly pricing: Pricing;
  readonly observers: Observers;
  readonly generateId: () => string;
  readonly clock: Clock;
  readonly random: () => number;
};

/** Every default, once. */
const defaults = {
  attempts: 2,
  timeouts: {
    totalMs: Number.POSITIVE_INFINITY,
    attemptMs: 90_000,
    firstChunkMs: 60_000,
    chunkMs: { insideTextMs: 30_000, elsewhereMs: 300_000 },
  },
  retry: { initialDelayMs: 500, maxDelayMs: 8_000, maxRetryAfterMs: 3_000 },
  retryBudget: { maxTokens: 100, tokensPerSuccess: 0.1 },
  circuitBreaker: { failureThreshold: 5, cooldownMs: 5_000, maxCooldownMs: 12_000 },
  classifyTimeoutMs: 3_000,
} as const satisfies {
  readonly attempts: number;
  readonly timeouts: Timeouts;
  readonly retry: BackoffSettings;
  readonly retryBudget: RetryBudgetSettings;
  readonly circuitBreaker: CircuitBreakerSettings;
  readonly classifyTimeoutMs: number;
};

/**
 * Parses settings and fills in every default. Throws `InvalidArgumentError` that names the option, echoes the value and says
 * the fix.
 */
export function parseSettings<TASK extends string>(input: CompositeSettings<TASK>): Composite {
  check({ schema: settingsSchema, value: input, path: [] });
  const tasks: ReadonlyArray<[string, RouteInput]> = Object.entries(input.tasks);
  if (tasks.length === 0)
    refuse({ path: ['tasks'], value: input.tasks, problem: 'must have at least one task' });

  const register = createRegister();
  const routes = new Map(tasks.map(([task, route]) => [task, parseRoute({ task, route, input, register })]));
  if (input.hedge !== undefined && [...routes.values()].every(({ candidates }) => candidates.length < 2)) {
    refuse({
      path: ['hedge'],
      value: input.hedge,
      problem: 'needs a route with a second candidate to start',
    });
  }
  const defaultTask = input.defaultTask ?? tasks[0]?.[0] ?? '';
  if (!routes.has(defaultTask))
    refuse({
      path: ['defaultTask'],
      value: defaultTask,
      problem: `must be one of the tasks: ${[...routes.keys()].join(', ')}`,
    });

  const { clock = systemClock, random = Math.random, onAttemptStart, onAttemptEnd, onCallEnd } = input;
  const backoff = { ...defaults.retry, ...input.retry };
  return {
    routes,
    defaultTask,
    candidates: [...routes.values()].flatMap(({ candidates }) => candidates),
    classify: input.classify,
    classifyTimeoutMs: input.classifyTimeoutMs ?? defaults.classifyTimeoutMs,
    backoff,
    retryBudget: createRetryBudget({ ...defaults.retryBudget, ...input.retryBudget }),
    breakerOf: createCircuitBreakers({
      settings: { ...defaults.circuitBreaker, ...input.circuitBreaker },
      longRetryAfterMs: backoff.maxRetryAfterMs,
      clock,
      random,
    }),
    pricing: createPricing({
      ...input.pricing,
      ...(input.prices !== undefined && { prices: input.prices }),
      now: clock.now,
    }),
    observers: { onAttemptStart, onAttemptEnd, onCallEnd },
    generateId: input.generateId ?? (() => crypto.randomUUID()),
    clock,
    random,
  };
}

function parseRoute({
  task,
  route,
  input,
  register,
}: {
  readonly task: string;
  readonly route: RouteInput;
  readonly input: RouteOptions;
  readonly register: Register;
}): ParsedRoute {
  const path = ['tasks', task];
  const own = isList(route) ? { candidates: route } : route;
  if (typeof own !== 'object' || own === null)
    refuse({ path, value: own, problem: 'must be a list of candidates, or an object with candidates' });
  check({ schema: routeSchema, value: own, path });
  if (own.candidates.length === 0)
    refuse({ path, value: own.candidates, problem: 'must list at least one candidate' });
  if (own.hedge !== undefined && own.candidates.length < 2) {
    refuse({
      path: [...path, 'hedge'],
      value: own.hedge,
      problem: 'needs a second candidate to start; list one or leave hedge out',
    });
  }

  const limits = { ...toTimeouts(input.timeout), ...toTimeouts(own.timeout) };
  const options: RouteOptions = { attempts: own.attempts ?? input.attempts ?? defaults.attempts };
  const names = new Set<string>();
  const candidates = own.candidates.map((candidate, index) => {
    const parsed = parseCandidate({
      candidate,
      path: [...path, String(index)],
      attempts: options.attempts ?? defaults.attempts,
      limits,
      register,
    });
    if (names.has(parsed.name)) {
      refuse({
        path: [...path, String(index)],
        value: parsed.name,
        problem: 'is listed twice in this route; for another try of the same model set attempts',
      });
    }
    names.add(parsed.name);
    return parsed;
  });
  const hedge = own.hedge ?? input.hedge;
  const conditions = own.fallbackWhen ?? input.fallbackWhen ?? [];
  return {
    task,
    candidates,
    totalMs: limits.totalMs ?? defaults.timeouts.totalMs,
    hedgeAfterMs: candidates.length > 1 ? hedge?.afterMs : undefined,
    conditions: typeof conditions === 'function' ? [conditions] : conditions,
  };
}

function parseCandidate({
  candidate,
  path,
  attempts: routeAttempts,
  limits,
  register,
}: {
  readonly candidate: CandidateInput;
  readonly path: ReadonlyArray<string>;
  readonly attempts: number;
  readonly limits: TimeoutSettings;
  readonly register: Register;
}): Candidate {
  const own: CandidateSettings = isModel(candidate) ? { model: candidate } : candidate;
  if (typeof own !== 'object' || own === null || !('model' in own)) {
    refuse({
      path,
      value: own,
      problem:
        'must be a language model of the AI SDK, such as openai("gpt-6-sol"), a model id, or { model, ... }',
    });
  }
  check({ schema: candidateSchema, value: own, path });
  const { name, model, identity } = register({ model: own.model, name: own.name, path });
  const { settings, providerOptions, price, capabilities } = own;
  // A route's totalMs is the call's and does not hold for each candidate again.
  const ownLimits = toTimeouts(own.timeout);
  return {
    name,
    model,
    identity,
    attempts: own.attempts ?? routeAttempts,
    timeouts: fillTimeouts({ ...limits, ...ownLimits, totalMs: ownLimits.totalMs }),
    ...(settings !== undefined && { settings }),
    ...(providerOptions !== undefined && { providerOptions }),
    ...(price !== undefined && { price }),
    ...(capabilities !== undefined && { capabilities }),
  };
}

function isList(route: RouteInput): route is ReadonlyArray<CandidateInput> {
  return Array.isArray(route);
}

function toTimeouts(input: number | TimeoutSettings | undefined): TimeoutSettings {
  if (input === undefined) return {};
  return typeof input === 'number' ? { totalMs: input } : input;
}

function fillTimeouts({ totalMs, attemptMs, firstChunkMs, chunkMs }: TimeoutSettings): Timeouts {
  const { timeouts } = defaults;
  return {
    totalMs: totalMs ?? timeouts.totalMs,
    attemptMs: attemptMs ?? timeouts.attemptMs,
    firstChunkMs: firstChunkMs ?? timeouts.firstChunkMs,
    chunkMs: chunkMs === undefined ? timeouts.chunkMs : { insideTextMs: chunkMs, elsewhereMs: chunkMs },
  };
}
