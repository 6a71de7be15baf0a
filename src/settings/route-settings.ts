import type { Instructions } from 'ai';
import { checkOptions, refuse } from '../boundary/check.ts';
import { type CallDefaults, layer, type RouteCallOptions } from '../candidate/call-options.ts';
import type { Candidate } from '../candidate/candidate.ts';
import type { Register } from '../candidate/model.ts';
import { isModel } from '../candidate/model-input.ts';
import { toTimeouts } from '../candidate/timeouts.ts';
import type { FallbackCondition } from '../fallback/conditions/condition.ts';
import type { Recover } from '../fallback/recover.ts';
import type { LanguageModelV4Message } from '../provider/sdk-types.ts';
import type { ReturnWhen } from '../route/affinity/affinity.ts';
import { isByWeight, type Order } from '../route/order/order.ts';
import type { Route } from '../route/plan.ts';
import { listedSteps, type PlannedStep } from '../route/planned-step.ts';
import { type CandidateDefaults, type CandidateInput, parseCandidate } from './candidate-settings.ts';
import type { AffinitySettings, RouteInput, RouteOptions } from './route-options.ts';
import { routeSchemas } from './settings-schema.ts';

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
