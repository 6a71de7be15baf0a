import type { SharedV4ProviderOptions } from '@ai-sdk/provider';
import type { CallDefaults, Candidate, Capabilities } from './candidate.ts';
import type { Price } from './cost/index.ts';
import type { FallbackCondition } from './fallback/action.ts';
import { isModel, type ModelInput, type Register } from './model.ts';
import type { Order } from './route/order.ts';
import type { Route } from './route/plan.ts';
import { check, refuse } from './settings-error.ts';
import { candidateSchema, routeSchema } from './settings-schema.ts';
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
  /** In which order candidates are asked; default `'listed'`. Open circuit breakers and skips act on top of it. */
  readonly order?: Order;
};

/** A route: candidates in their order, at least one, optionally with settings. */
export type RouteInput =
  | ReadonlyArray<CandidateInput>
  | (RouteOptions & { readonly candidates: ReadonlyArray<CandidateInput> });

/** A route as the engine runs it. */
export type ParsedRoute = Route & {
  readonly totalMs: number;
  readonly hedgeAfterMs: number | undefined;
  readonly conditions: ReadonlyArray<FallbackCondition>;
};

/** The defaults of a route; their values are in settings.ts. */
export type RouteDefaults = { readonly attempts: number; readonly timeouts: Timeouts };

/** Parses one route; every default it needs is handed in. */
export function parseRoute({
  task,
  route,
  input,
  defaults,
  register,
}: {
  readonly task: string;
  readonly route: RouteInput;
  /** The composite's own options, which hold where the route has none. */
  readonly input: RouteOptions;
  readonly defaults: RouteDefaults;
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
  const attempts = own.attempts ?? input.attempts ?? defaults.attempts;
  const names = new Set<string>();
  const candidates = own.candidates.map((candidate, index) => {
    const parsed = parseCandidate({
      candidate,
      path: [...path, String(index)],
      attempts,
      limits,
      defaults,
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
  if (own.order !== undefined) checkOrder({ order: own.order, names, path });
  const hedge = own.hedge ?? input.hedge;
  const conditions = own.fallbackWhen ?? input.fallbackWhen ?? [];
  return {
    task,
    candidates,
    order: orderOf({ own: own.order, shared: input.order, names }),
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
  defaults,
  register,
}: {
  readonly candidate: CandidateInput;
  readonly path: ReadonlyArray<string>;
  readonly attempts: number;
  readonly limits: TimeoutSettings;
  readonly defaults: RouteDefaults;
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
    timeouts: fillTimeouts({
      limits: { ...limits, ...ownLimits, totalMs: ownLimits.totalMs },
      timeouts: defaults.timeouts,
    }),
    ...(settings !== undefined && { settings }),
    ...(providerOptions !== undefined && { providerOptions }),
    ...(price !== undefined && { price }),
    ...(capabilities !== undefined && { capabilities }),
  };
}

/** Refuses weights that cannot work: of no candidate, negative, or none above 0. */
export function checkOrder({
  order,
  names,
  path,
}: {
  readonly order: Order;
  readonly names: ReadonlySet<string>;
  readonly path: ReadonlyArray<string>;
}): void {
  if (typeof order !== 'object') return;
  const weightsPath = [...path, 'order', 'weights'];
  const weights = Object.entries(order.weights);
  for (const [name, weight] of weights) {
    if (!names.has(name)) {
      const problem = `is the name of no candidate; candidates are ${[...names].join(', ')}`;
      refuse({ path: weightsPath, value: name, problem });
    }
    if (typeof weight !== 'number' || !Number.isFinite(weight) || weight < 0)
      refuse({ path: [...weightsPath, name], value: weight, problem: 'must be a number of at least 0' });
  }
  if (weights.every(([, weight]) => weight === 0))
    refuse({ path: weightsPath, value: order.weights, problem: 'must have at least one weight above 0' });
}

/** The route's order, else the composite's; one candidate, or weights that are all of other routes, order nothing. */
function orderOf({
  own,
  shared,
  names,
}: {
  readonly own: Order | undefined;
  readonly shared: Order | undefined;
  readonly names: ReadonlySet<string>;
}): Order {
  const order = own ?? shared ?? 'listed';
  if (names.size < 2) return 'listed';
  if (typeof order !== 'object') return order;
  const isWeighted = Object.entries(order.weights).some(([name, weight]) => names.has(name) && weight > 0);
  return isWeighted ? order : 'listed';
}

function isList(route: RouteInput): route is ReadonlyArray<CandidateInput> {
  return Array.isArray(route);
}

function toTimeouts(input: number | TimeoutSettings | undefined): TimeoutSettings {
  if (input === undefined) return {};
  return typeof input === 'number' ? { totalMs: input } : input;
}

function fillTimeouts({
  limits: { totalMs, attemptMs, firstChunkMs, chunkMs },
  timeouts,
}: {
  readonly limits: TimeoutSettings;
  readonly timeouts: Timeouts;
}): Timeouts {
  return {
    totalMs: totalMs ?? timeouts.totalMs,
    attemptMs: attemptMs ?? timeouts.attemptMs,
    firstChunkMs: firstChunkMs ?? timeouts.firstChunkMs,
    chunkMs: chunkMs === undefined ? timeouts.chunkMs : { insideTextMs: chunkMs, elsewhereMs: chunkMs },
  };
}
