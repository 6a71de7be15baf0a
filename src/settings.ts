import {
  InvalidArgumentError,
  type LanguageModelV2,
  type LanguageModelV3,
  type LanguageModelV4,
  type SharedV4ProviderOptions,
} from '@ai-sdk/provider';
import { gateway, wrapLanguageModel } from 'ai';
import { z } from 'zod';
import type { CallDefaults, Candidate } from './candidate.ts';
import { type Clock, systemClock } from './clock.ts';
import {
  createPricing,
  type Price,
  type Prices,
  type Pricing,
  type PricingOptions,
  priceSchema,
  pricesSchema,
} from './cost/index.ts';
import type { Observers } from './events.ts';
import type { FallbackCondition } from './fallback/action.ts';
import type { BackoffSettings } from './fallback/backoff.ts';
import {
  type CircuitBreaker,
  type CircuitBreakerSettings,
  createCircuitBreakers,
} from './fallback/circuit-breaker.ts';
import { createRetryBudget, type RetryBudget, type RetryBudgetSettings } from './fallback/retry-budget.ts';
import type { TimeoutSettings, Timeouts } from './fallback/timeouts.ts';
import type { Capabilities } from './route/capabilities.ts';
import type { Route } from './route/plan.ts';
import type { Classify } from './route/task.ts';

/** A model of the AI SDK, or the id of one at the global provider (by default the Vercel AI Gateway). */
export type ModelInput = LanguageModelV4 | LanguageModelV3 | LanguageModelV2 | string;

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
  circuitBreaker: { failureThreshold: 5, cooldownMs: 5_000, maxCooldownMs: 20_000 },
  classifyTimeoutMs: 3_000,
} as const satisfies {
  readonly attempts: number;
  readonly timeouts: Timeouts;
  readonly retry: BackoffSettings;
  readonly retryBudget: RetryBudgetSettings;
  readonly circuitBreaker: CircuitBreakerSettings;
  readonly classifyTimeoutMs: number;
};

const milliseconds = z
  .union([z.literal(Number.POSITIVE_INFINITY), z.number().positive().max(2_147_483_647)], {
    error: 'must be a number of milliseconds above 0, or Infinity for no limit',
  })
  .optional();
const timeout = z.union(
  [
    milliseconds,
    z.strictObject({
      totalMs: milliseconds,
      attemptMs: milliseconds,
      firstChunkMs: milliseconds,
      chunkMs: milliseconds,
    }),
  ],
  {
    error:
      'must be milliseconds above 0 (or Infinity), or an object with totalMs, attemptMs, firstChunkMs, chunkMs',
  },
);
const attempts = z
  .int({ error: 'must be a whole number of attempts, at least 1' })
  .min(1, { error: 'must be at least 1: the first attempt counts' })
  .max(20, { error: 'must be at most 20' });
const callback = z.custom<(...parameters: never[]) => unknown>(value => typeof value === 'function', {
  error: 'must be a function',
});
const nonEmpty = z.string({ error: 'must be a string' }).min(1, { error: 'must not be empty' });
const positive = z.number({ error: 'must be a number' }).positive({ error: 'must be above 0' });

const routeOptions = {
  attempts: attempts.optional(),
  timeout: timeout.optional(),
  fallbackWhen: z
    .union([callback, z.array(callback)], {
      error: 'must be a condition or a list of conditions, such as isContentFilter()',
    })
    .optional(),
  hedge: z.strictObject({ afterMs: positive }).optional(),
};
const candidateSchema = z.strictObject({
  model: z.custom(isModel, {
    error: 'must be a language model of the AI SDK, such as openai("gpt-6-sol"), or a model id',
  }),
  name: nonEmpty.optional(),
  providerOptions: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
  settings: z.record(z.string(), z.unknown()).optional(),
  price: priceSchema.optional(),
  capabilities: z
    .strictObject({
      image: z.boolean().optional(),
      pdf: z.boolean().optional(),
      audio: z.boolean().optional(),
      tools: z.boolean().optional(),
      jsonSchema: z.boolean().optional(),
      reasoning: z.boolean().optional(),
      contextWindow: positive.optional(),
      maxOutputTokens: positive.optional(),
    })
    .optional(),
  attempts: attempts.optional(),
  timeout: timeout.optional(),
});
const routeSchema = z.strictObject({
  ...routeOptions,
  candidates: z.array(z.unknown(), { error: 'must be a list of candidates' }),
});
const settingsSchema = z.strictObject({
  ...routeOptions,
  tasks: z.record(z.string(), z.unknown(), {
    error: 'must be an object of routes by task, such as { code: [openai("gpt-6-sol")] }',
  }),
  defaultTask: z.string().optional(),
  classify: callback.optional(),
  classifyTimeoutMs: positive.optional(),
  prices: pricesSchema.optional(),
  pricing: z.record(z.string(), z.unknown()).optional(),
  retry: z
    .strictObject({
      initialDelayMs: positive.optional(),
      maxDelayMs: positive.optional(),
      maxRetryAfterMs: z.number().min(0).optional(),
    })
    .optional(),
  retryBudget: z
    .strictObject({ maxTokens: positive.optional(), tokensPerSuccess: z.number().min(0).optional() })
    .optional(),
  circuitBreaker: z
    .strictObject({
      failureThreshold: z.int().min(1).optional(),
      cooldownMs: positive.optional(),
      maxCooldownMs: positive.optional(),
    })
    .optional(),
  generateId: callback.optional(),
  clock: z
    .custom(value => typeof value === 'object' && value !== null && 'now' in value && 'schedule' in value, {
      error: 'must have now() and schedule()',
    })
    .optional(),
  random: callback.optional(),
  onAttemptStart: callback.optional(),
  onAttemptEnd: callback.optional(),
  onCallEnd: callback.optional(),
});

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

type Named = { readonly name: string; readonly model: LanguageModelV4; readonly identity: object };
type Register = (entry: {
  readonly model: ModelInput;
  readonly name: string | undefined;
  readonly path: ReadonlyArray<string>;
}) => Named;

/** Gives every model object one name and every name one model object, across all routes. */
function createRegister(): Register {
  const byName = new Map<string, Named>();
  const byIdentity = new Map<object, Named[]>();
  const resolved = new Map<string, LanguageModelV4>();

  return ({ model: input, name, path }) => {
    const identity = typeof input === 'string' ? resolveId({ id: input, resolved }) : input;
    const known = byIdentity.get(identity) ?? [];
    const same = name === undefined ? known[0] : known.find(entry => entry.name === name);
    if (same !== undefined) return same;
    if (name !== undefined && byName.has(name)) {
      refuse({
        path: [...path, 'name'],
        value: name,
        problem: 'is the name of another candidate already; give each model a name of its own',
      });
    }
    const model = upgrade(identity);
    const named = { name: name ?? freeName({ model, byName }), model, identity };
    byName.set(named.name, named);
    byIdentity.set(identity, [...known, named]);
    return named;
  };
}

function freeName({
  model,
  byName,
}: {
  readonly model: LanguageModelV4;
  readonly byName: ReadonlyMap<string, Named>;
}): string {
  const base = `${model.provider.split('.')[0]}/${model.modelId}`;
  let name = base;
  for (let count = 2; byName.has(name); count++) name = `${base}#${count}`;
  return name;
}

/** A model id is resolved as the SDK does it: by the global provider, else by the Vercel AI Gateway. */
function resolveId({
  id,
  resolved,
}: {
  readonly id: string;
  readonly resolved: Map<string, LanguageModelV4>;
}): LanguageModelV4 {
  const known = resolved.get(id);
  if (known !== undefined) return known;
  const model = upgrade((globalThis.AI_SDK_DEFAULT_PROVIDER ?? gateway).languageModel(id));
  resolved.set(id, model);
  return model;
}

/** The SDK's own upgrade of older model versions. */
function upgrade(model: LanguageModelV4 | LanguageModelV3 | LanguageModelV2): LanguageModelV4 {
  return wrapLanguageModel({ model, middleware: [] });
}

function isModel(value: unknown): value is ModelInput {
  if (typeof value === 'string') return value !== '';
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  return 'specificationVersion' in value && 'doGenerate' in value && 'doStream' in value;
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

function check({
  schema,
  value,
  path,
}: {
  readonly schema: z.ZodType;
  readonly value: unknown;
  readonly path: ReadonlyArray<string>;
}): void {
  const parsed = schema.safeParse(value);
  if (parsed.success) return;
  const [issue] = parsed.error.issues;
  if (issue === undefined) return;
  const keys = issue.path.map(String);
  const at = keys.reduce<unknown>(
    (current, key) =>
      typeof current === 'object' && current !== null ? Reflect.get(current, key) : undefined,
    value,
  );
  refuse({ path: [...path, ...keys], value: at, problem: issue.message, cause: parsed.error });
}

function refuse({
  path,
  value,
  problem,
  cause,
}: {
  readonly path: ReadonlyArray<string>;
  readonly value: unknown;
  readonly problem: string;
  readonly cause?: unknown;
}): never {
  const argument = path.length === 0 ? 'settings' : path.join('.');
  throw new InvalidArgumentError({
    argument,
    message: `Invalid ${argument}: ${problem} (got ${echo(value)}).`,
    cause,
  });
}

/** Shows a value without what may be inside it: settings can hold keys. */
function echo(value: unknown): string {
  if (value === undefined || value === null || typeof value === 'number' || typeof value === 'boolean')
    return String(value);
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return value.length === 0 ? '[]' : `a list of ${value.length}`;
  return `an object with ${Object.keys(value).join(', ') || 'no keys'}`;
}
