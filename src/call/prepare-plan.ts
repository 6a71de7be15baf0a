import type { LanguageModelV4CallOptions } from '@ai-sdk/provider';
import { type CallType, optionsOnRoute } from '../candidate/call-options.ts';
import { type Candidate, pricedCall } from '../candidate/candidate.ts';
import type { MeasuredInput } from '../cost/index.ts';
import { lastMaker } from '../fallback/makers.ts';
import type { Served } from '../route/affinity.ts';
import { findUnfetched, linksOf, type UnfetchedLinks } from '../route/links.ts';
import { ordersByCost } from '../route/order.ts';
import { type Health, orderCandidates, type Plan } from '../route/plan.ts';
import type { CandidateCost } from '../route/ranking.ts';
import type { AskedModels } from '../route/supported-urls.ts';
import { type ChosenTask, chooseTask } from '../route/task.ts';
import type { ParsedRoute } from '../settings/route-settings.ts';
import type { Composite } from '../settings/settings.ts';
import type { CompositeRequest } from './request.ts';

/** What planning takes. */
type PlanOptions = {
  readonly composite: Composite;
  readonly pinnedTask: string | undefined;
  readonly request: CompositeRequest;
  /** Which speed `'fastest'` goes by; left out where nobody is called. */
  readonly type?: CallType;
};

/** Plans by the breakers' state of this moment. The first attempt must start in the same turn, or a second call could plan by the same state and probe too. */
type PlanNow = () => Plan<ParsedRoute>;

/**
 * Plans a call: chooses its task, then orders the route's candidates by what is known of them. Answers without a promise
 * unless a classifier has to be asked, or prices decide and the catalog is still loading.
 */
export function planCall(options: PlanOptions): Plan<ParsedRoute> | Promise<Plan<ParsedRoute>> {
  const prepared = preparePlan(options);
  return prepared instanceof Promise ? prepared.then(planNow => planNow()) : prepared();
}

/** Finds out everything that a plan may have to wait for: the call's task, and what its candidates cost. */
export function preparePlan({
  composite,
  pinnedTask,
  request,
  type,
}: PlanOptions): PlanNow | Promise<PlanNow> {
  const { routes, defaultTask, classify, classifyTimeoutMs, clock } = composite;
  // Long inputs take a while to measure; the classifier's measure is the route's too, where that adds nothing to the call.
  const input = composite.pricing.measureInput(request.options);
  const chosen = chooseTask({
    pinned: pinnedTask,
    named: request.task,
    tasks: routes,
    defaultTask,
    classify,
    classifyTimeoutMs,
    clock,
    options: request.options,
    sessionId: request.sessionId,
    estimateInput: () => {
      const model = routes.get(defaultTask)?.candidates[0]?.model;
      return model === undefined ? 0 : (input.tokens(model) ?? 0);
    },
  });
  return chosen instanceof Promise
    ? chosen.then(found => prepareTask({ composite, pinnedTask, request, type, input, chosen: found }))
    : prepareTask({ composite, pinnedTask, request, type, input, chosen });
}

/** The models whose URLs the SDK is told by a composite, or by the model of a pinned task. */
export function askedModels({
  composite: { routes, candidates },
  pinnedTask,
}: Pick<PlanOptions, 'composite' | 'pinnedTask'>): AskedModels {
  const own = pinnedTask === undefined ? candidates : (routes.get(pinnedTask)?.candidates ?? []);
  return { models: own.map(({ model }) => model), besides: candidates.map(({ model }) => model) };
}

type TaskCall = {
  readonly composite: Composite;
  readonly pinnedTask: string | undefined;
  readonly request: CompositeRequest;
  readonly type: CallType | undefined;
  readonly chosen: ChosenTask;
  readonly input: MeasuredInput;
};

/** A call on its route, with the options and the input that its candidates get. */
type RouteCall = TaskCall & {
  readonly route: ParsedRoute;
  readonly options: LanguageModelV4CallOptions;
  readonly unfetched?: UnfetchedLinks;
};

type CostOf = (candidate: Candidate) => CandidateCost;

function prepareTask(taskCall: TaskCall): PlanNow | Promise<PlanNow> {
  const { composite, pinnedTask, request, chosen } = taskCall;
  const route = composite.routes.get(chosen.task);
  // Parsed settings have a route for every task; this line only tells the compiler.
  if (route === undefined) throw new Error(`ai-composite: no route for task ${chosen.task}`);
  const { callOptions } = route;
  const options =
    callOptions === undefined
      ? request.options
      : optionsOnRoute({ route: callOptions, options: request.options });
  const input = options === request.options ? taskCall.input : composite.pricing.measureInput(options);
  const call = { ...taskCall, route, options, input };
  const links = linksOf(options.prompt);
  if (links === undefined) return prepareRoute(call);
  const { candidates } = composite;
  return findUnfetched({
    links,
    asked: askedModels({ composite, pinnedTask }),
    candidates: [...route.candidates, ...candidates.filter(({ name }) => name === request.candidate)],
  }).then(unfetched => prepareRoute({ ...call, unfetched }));
}

function prepareRoute(call: RouteCall): PlanNow | Promise<PlanNow> {
  const { composite, request, route } = call;

  const isPinned =
    request.candidate !== undefined && composite.candidates.some(({ name }) => name === request.candidate);
  if (isPinned || !ordersByCost(route.order)) {
    const costOf: CostOf = candidate => {
      const cost = estimateCost({ call, candidate });
      return cost instanceof Promise ? unknownCost : cost;
    };
    return () => planRoute({ call, costOf });
  }
  // What is not made yet has no price to go by.
  for (const { prepare } of route.candidates) prepare?.();
  const costs = route.candidates.map(candidate => estimateCost({ call, candidate }));
  const planBy = (known: ReadonlyArray<CandidateCost>) => () =>
    planRoute({ call, costOf: candidate => known[route.candidates.indexOf(candidate)] ?? unknownCost });
  return areKnown(costs) ? planBy(costs) : Promise.all(costs).then(planBy);
}

function areKnown(
  costs: ReadonlyArray<CandidateCost | Promise<CandidateCost>>,
): costs is ReadonlyArray<CandidateCost> {
  return costs.every(cost => !(cost instanceof Promise));
}

const unknownCost: CandidateCost = {};

function estimateCost({
  call: { composite, options, input },
  candidate,
}: {
  readonly call: RouteCall;
  readonly candidate: Candidate;
}): CandidateCost | Promise<CandidateCost> {
  return composite.pricing.estimate({ call: pricedCall({ candidate, options }), input });
}

function planRoute({
  call: { composite, request, type, chosen, route, options, input, unfetched },
  costOf,
}: {
  readonly call: RouteCall;
  readonly costOf: CostOf;
}): Plan<ParsedRoute> {
  const { candidates, state, clock, pricing, random } = composite;
  const nowMs = clock.now();
  const healthOf = ({ identity }: Candidate): Health => {
    const breaker = state.breakers.of(identity);
    const health = breaker.state(nowMs);
    return {
      state: health.state,
      isProbing: breaker.isProbing(nowMs),
      openUntilMs: health.openUntilMs,
    };
  };
  const { warnings, ...ordered } = orderCandidates({
    route,
    everyCandidate: candidates,
    pin: request.candidate,
    facts: {
      options,
      input,
      contextWindowOf: ({ model: { provider, modelId } }) =>
        pricing.contextWindow({ provider, modelId, atMs: nowMs }),
      unfetched,
      costOf,
      latencyOf: ({ identity }) => state.latency.observed({ identity, type }),
      healthOf,
      served: servedBefore({ composite, request, route }),
      random,
    },
  });
  return {
    task: chosen.task,
    taskSource: chosen.source,
    route,
    options,
    ...ordered,
    warnings: chosen.warning === undefined ? warnings : [chosen.warning, ...warnings],
    ...(unfetched !== undefined && { unfetched }),
    ...(chosen.asked !== undefined && { asked: chosen.asked }),
  };
}

/** Who served the conversation before: its history knows best, and where that shows nothing its session may be remembered. */
function servedBefore({
  composite: {
    state: { sessions, cacheReads },
    makers,
  },
  request: { options, sessionId },
  route: { task, hasAffinity, candidates },
}: {
  readonly composite: Composite;
  readonly request: CompositeRequest;
  readonly route: ParsedRoute;
}): Served | undefined {
  if (!hasAffinity) return undefined;
  const maker = lastMaker({ prompt: options.prompt, makers });
  const name = maker ?? (sessionId === undefined ? undefined : sessions.served({ task, sessionId }));
  if (name === undefined) return undefined;
  const identity = candidates.find(candidate => candidate.name === name)?.identity;
  const cachedShare = identity === undefined ? undefined : cacheReads.share(identity);
  return {
    candidate: name,
    source: maker === undefined ? 'session' : 'history',
    ...(cachedShare !== undefined && { cachedShare }),
  };
}
