import type { Instructions } from 'ai';
import { checkOptions, refuse } from '../boundary/check.ts';
import { type CallDefaults, layer, type RouteCallOptions } from '../candidate/call-options.ts';
import type { Candidate } from '../candidate/candidate.ts';
import type { Register } from '../candidate/model.ts';
import { isModel } from '../candidate/model-input.ts';
import { type TimeoutSettings, toTimeouts } from '../candidate/timeouts.ts';
import type { FallbackCondition } from '../fallback/conditions/condition.ts';
import type { Recover } from '../fallback/recover.ts';
import type { LanguageModelV4Message, SharedV4ProviderOptions } from '../provider/sdk-types.ts';
import type { ReturnWhen } from '../route/affinity.ts';
import { isByWeight, type Order } from '../route/order.ts';
import type { Route } from '../route/plan.ts';
import { listedSteps, type PlannedStep } from '../route/planned-step.ts';
import { type CandidateDefaults, type CandidateInput, parseCandidate } from './candidate-settings.ts';
import { routeSchemas } from './settings-schema.ts';

/** What holds for a route, and as a default for every route of a composite. */
export type RouteOptions = {
  /** Attempts per candidate and call, retries included; default 2. */
  readonly attempts?: number;
  /** Time limits; a number is `totalMs`. */
  readonly timeout?: number | TimeoutSettings;
  /** What falls back and what does not, beyond the default of each failure kind; the first condition with a verdict decides. */
  readonly fallbackWhen?: FallbackCondition | ReadonlyArray<FallbackCondition>;
  /**
   * Starts the next candidate beside a silent one. Default: false, because it costs a second request. `afterMs: 'adaptive'` does
   * after the time in which the candidate was seen to answer 19 of 20 such requests, and not before enough was seen.
   */
  readonly hedge?: { readonly afterMs: number | 'adaptive' } | false;
  /** In which order candidates are asked; default `'listed'`. Open circuit breakers and skips act on top of it. */
  readonly order?: Order;
  /**
   * Keeps a conversation on the candidate that served it, where its prompt cache and its signatures are, until that one is
   * open or unable, or the one that would go first without it is cheaper by more than the cache is worth. A conversation
   * that left the preferred candidate comes back as `returnWhen` says. Default: true, which is `{ returnWhen: 'recovered' }`.
   */
  readonly affinity?: boolean | AffinitySettings;
  /**
   * What is done about a stream that breaks after its first output, beyond the visible error. `'buffer'` hands nothing out
   * before the proper finish, so that every failure falls back; `generateText` is streamed too then, and limited by the first
   * output and the gap. `'continue'` has the next candidate go on with the answer,
   * where that is certain: behind the text so far where it is declared to take a prefill, else where its fresh answer begins
   * with exactly that text. Default: false.
   */
  readonly recover?: Recover | false;
  /**
   * What becomes of a call that nobody gave an answer to that passes `fallbackWhen`: `'throw'` throws `RouteExhaustedError`,
   * `'best'` delivers the least bad answer that there was, with a warning: a whole one before one that was cut off, before
   * an empty one, before a refusal, before one with a tool call that cannot be run; of two that are as bad, the earlier. An
   * attempt that brought no answer brings none here either. Default: `'throw'`.
   */
  readonly onExhausted?: 'throw' | 'best';
  /** Instructions for calls that have none of their own. */
  readonly instructions?: Instructions;
  /** Call options to start from, such as `temperature`; the call's own win. A tool choice is for calls that left it open. */
  readonly settings?: CallDefaults;
  /** Provider options to start from; the call's own are merged over them. */
  readonly providerOptions?: SharedV4ProviderOptions;
};

/** How a conversation keeps its candidate. */
export type AffinitySettings = {
  /** When a conversation that left the preferred candidate comes back to it; default `'recovered'`. */
  readonly returnWhen?: ReturnWhen;
};

/** A route: candidates in their order, at least one, optionally with settings. */
export type RouteInput =
  | ReadonlyArray<CandidateInput>
  | (RouteOptions & { readonly candidates: ReadonlyArray<CandidateInput> });

/** A route as the engine runs it. */
export type ParsedRoute = Route & {
  /** The steps of a call that nothing speaks against; undefined where every call has an order of its own. */
  readonly listed: ReadonlyArray<PlannedStep> | undefined;
  /** What calls start from; undefined where the settings say nothing. */
  readonly callOptions: RouteCallOptions | undefined;
  readonly totalMs: number;
  readonly hedgeAfterMs: number | 'adaptive' | undefined;
  readonly recover: Recover | undefined;
  readonly conditions: ReadonlyArray<FallbackCondition>;
  readonly onExhausted: 'throw' | 'best';
};

/** What a route and its candidates take where nobody says anything; the values are in settings.ts. */
export type RouteDefaults = Omit<CandidateDefaults, 'limits'> & {
  readonly order: 'listed';
  readonly onExhausted: 'throw';
  readonly affinity: { readonly returnWhen: ReturnWhen };
};

type RouteParsing = {
  readonly task: string;
  readonly route: RouteInput;
  /** The composite's own options, which hold where the route has none. */
  readonly input: RouteOptions;
  readonly defaults: RouteDefaults;
  readonly register: Register;
};

/** Parses one route; every default it needs is handed in. */
export function parseRoute({ task, route, input, defaults, register }: RouteParsing): ParsedRoute {
  const path = ['tasks', task];
  const own = readRoute({ route, path });
  const limits = { ...toTimeouts(input.timeout), ...toTimeouts(own.timeout) };
  const attempts = own.attempts ?? input.attempts ?? defaults.attempts;
  const candidates = parseCandidates({
    inputs: own.candidates,
    path,
    defaults: { ...defaults, attempts, limits },
    register,
  });
  const names = new Set(candidates.map(({ name }) => name));
  if (own.order !== undefined) checkOrder({ order: own.order, names, path });
  const hedge = own.hedge ?? input.hedge;
  const recover = own.recover ?? input.recover ?? false;
  const conditions = own.fallbackWhen ?? input.fallbackWhen ?? [];
  const order = orderOf({ order: own.order ?? input.order ?? defaults.order, names });
  return {
    task,
    candidates,
    order,
    // Who may be asked is found out for each call where a switch says.
    listed: candidates.some(({ isEnabled }) => isEnabled !== undefined)
      ? undefined
      : listedSteps({ order, candidates }),
    ...affinityOf({ affinity: own.affinity ?? input.affinity ?? true, candidates, defaults }),
    callOptions: callOptionsOf({ own, shared: input }),
    totalMs: limits.totalMs ?? defaults.timeouts.totalMs,
    hedgeAfterMs: isHedge(hedge) && candidates.length > 1 ? hedge.afterMs : undefined,
    recover: recover === false ? undefined : recover,
    conditions: typeof conditions === 'function' ? [conditions] : conditions,
    onExhausted: own.onExhausted ?? input.onExhausted ?? defaults.onExhausted,
  };
}

function affinityOf({
  affinity,
  candidates,
  defaults,
}: {
  readonly affinity: boolean | AffinitySettings;
  readonly candidates: ReadonlyArray<Candidate>;
  readonly defaults: RouteDefaults;
}): Pick<Route, 'hasAffinity' | 'returnWhen'> {
  const { returnWhen = defaults.affinity.returnWhen } = typeof affinity === 'object' ? affinity : {};
  return { hasAffinity: affinity !== false && candidates.length > 1, returnWhen };
}

/** The settings of a route, of a list too, checked but for what is in its candidates. */
function readRoute({
  route,
  path,
}: {
  readonly route: RouteInput;
  readonly path: ReadonlyArray<string>;
}): Exclude<RouteInput, ReadonlyArray<CandidateInput>> {
  const own = isList(route) ? { candidates: route } : route;
  if (typeof own !== 'object' || own === null || isModel(own))
    refuse({
      path,
      value: own,
      problem: 'must be a list of candidates, such as [model], or an object with candidates',
    });
  checkOptions({ schemas: routeSchemas, needed: 'candidates', value: own, path });
  if (own.candidates.length === 0)
    refuse({ path, value: own.candidates, problem: 'must list at least one candidate' });
  if (isHedge(own.hedge) && own.candidates.length < 2)
    refuse({
      path: [...path, 'hedge'],
      value: own.hedge,
      problem: 'needs a second candidate to start; list one or leave hedge out',
    });
  return own;
}

/** Parses the candidates of one route, each listed once. */
function parseCandidates({
  inputs,
  path,
  defaults,
  register,
}: {
  readonly inputs: ReadonlyArray<CandidateInput>;
  readonly path: ReadonlyArray<string>;
  readonly defaults: CandidateDefaults;
  readonly register: Register;
}): ReadonlyArray<Candidate> {
  const names = new Set<string>();
  return inputs.map((candidate, index) => {
    const at = [...path, String(index)];
    const parsed = parseCandidate({ candidate, path: at, defaults, register });
    if (names.has(parsed.name))
      refuse({
        path: at,
        value: parsed.name,
        problem: 'is listed twice in this route; for another try of the same model set attempts',
      });
    names.add(parsed.name);
    return parsed;
  });
}

/** True where a hedge is set and not switched off. */
export function isHedge(hedge: RouteOptions['hedge']): hedge is { readonly afterMs: number | 'adaptive' } {
  return hedge !== undefined && hedge !== false;
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
  if (!isByWeight(order)) return;
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

/** One candidate, or weights that are all of other routes, order nothing. */
function orderOf({ order, names }: { readonly order: Order; readonly names: ReadonlySet<string> }): Order {
  if (names.size < 2) return 'listed';
  if (!isByWeight(order)) return order;
  const isWeighted = Object.entries(order.weights).some(([name, weight]) => names.has(name) && weight > 0);
  return isWeighted ? order : 'listed';
}

/** What calls start from, the composite's overridden by the route's; undefined where neither says anything. */
function callOptionsOf({
  own,
  shared,
}: {
  readonly own: RouteOptions;
  readonly shared: RouteOptions;
}): RouteCallOptions | undefined {
  const instructions = own.instructions ?? shared.instructions;
  const { providerOptions, ...settings } = layer({ base: asOptions(shared), over: asOptions(own) });
  const hasSettings = Object.keys(settings).length > 0;
  if (instructions === undefined && providerOptions === undefined && !hasSettings) return undefined;
  return {
    ...(instructions !== undefined && { instructions: toMessages(instructions) }),
    ...(hasSettings && { settings }),
    ...(providerOptions !== undefined && { providerOptions }),
  };
}

function asOptions({
  settings,
  providerOptions,
}: RouteOptions): CallDefaults & Pick<RouteOptions, 'providerOptions'> {
  return { ...settings, ...(providerOptions !== undefined && { providerOptions }) };
}

function toMessages(
  instructions: Instructions,
): ReadonlyArray<Extract<LanguageModelV4Message, { role: 'system' }>> {
  if (typeof instructions === 'string') return [{ role: 'system', content: instructions }];
  const messages = Array.isArray(instructions) ? instructions : [instructions];
  return messages.map(({ content, providerOptions }) => ({
    role: 'system',
    content,
    ...(providerOptions !== undefined && { providerOptions }),
  }));
}

function isList(route: RouteInput): route is ReadonlyArray<CandidateInput> {
  return Array.isArray(route);
}
