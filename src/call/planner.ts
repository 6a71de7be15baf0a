import type { CallType } from '../candidate/call-options.ts';
import { type Candidate, pricedCall } from '../candidate/candidate.ts';
import type { MeasuredInput } from '../cost/index.ts';
import type { LanguageModelV4CallOptions } from '../provider/sdk-types.ts';
import type { Served } from '../route/affinity/affinity.ts';
import { chooseTask } from '../route/classify/choose-task.ts';
import type { ChosenTask } from '../route/classify/task.ts';
import type { CandidateCost } from '../route/order/candidate-cost.ts';
import { ordersByCost } from '../route/order/order.ts';
import { type Health, orderCandidates, type Plan } from '../route/plan.ts';
import { findUnfetched, linksOf, type UnfetchedLinks } from '../route/serve/links.ts';
import { askedModels } from '../route/serve/supported-urls.ts';
import type { ParsedRoute } from '../settings/route-settings.ts';
import { comebackOf } from '../state/breakers/comeback.ts';
import type { FoundInterruption } from '../state/conversations/interruptions.ts';
import { findInterruption } from './find-interruption.ts';
import { meritsOn } from './merits-on.ts';
import { findSession, planTogether } from './plan-together.ts';
import { type PlanNow, type PlanOptions, readyPlan, routeOptions, servedBefore } from './ready-plan.ts';
import { returnTogether } from './return-together.ts';
import { lazyAdmitClassifier } from './spending-chunk.ts';

export { createDownloads } from './download-links.ts';
export { makeUp } from './find-interruption.ts';
export { beginHomecoming, endHomecoming } from './homecoming.ts';

/** A call whose task is known. */
type TaskCall = PlanOptions & {
  readonly chosen: ChosenTask;
  /** The input as the classifier measured it. */
  readonly measured: MeasuredInput | undefined;
};

/** A call on its route, with the options that its candidates get. */
type RouteCall = TaskCall & {
  readonly route: ParsedRoute;
  readonly options: LanguageModelV4CallOptions;
  readonly unfetched: UnfetchedLinks | undefined;
};

/** A call that has to be planned by what is known of its candidates. */
type MeasuredCall = RouteCall & { readonly input: MeasuredInput };

type CostOf = (candidate: Candidate) => CandidateCost;

/** Finds out everything that a plan may have to wait for: the call's task, and what its candidates cost. */
export function planByFacts(planned: PlanOptions): PlanNow | Promise<PlanNow> {
  return planned.composite.state.look === undefined
    ? prepareCall(planned)
    : planTogether({ planned, plan: prepareCall });
}

function prepareCall(planned: PlanOptions): PlanNow | Promise<PlanNow> {
  const { composite, pinnedTask, request } = planned;
  const { routes: tasks, defaultTask, classify, classifyTimeoutMs, clock } = composite;
  const { task: named, options, sessionId } = request;
  // Long inputs take a while to measure; the classifier's measure is the route's too, where that adds nothing to the call.
  const measured = classify === undefined ? undefined : composite.pricing.measureInput(options);
  const estimateInput = () => {
    const model = tasks.get(defaultTask)?.candidates[0]?.model;
    return model === undefined ? 0 : (measured?.tokens(model) ?? 0);
  };
  const chosen = chooseTask({
    pinned: pinnedTask,
    named,
    tasks,
    defaultTask,
    classify,
    classifyTimeoutMs,
    clock,
    options,
    sessionId,
    notes: composite.state.shared.now()?.notes,
    admit: lazyAdmitClassifier({ composite, request }),
    estimateInput,
  });
  return chosen instanceof Promise
    ? chosen.then(found => prepareTask({ ...planned, measured, chosen: found }))
    : prepareTask({ ...planned, measured, chosen });
}

function prepareTask(taskCall: TaskCall): PlanNow | Promise<PlanNow> {
  const { composite, pinnedTask, request, chosen } = taskCall;
  const route = composite.routes.get(chosen.task);
  // Parsed settings have a route for every task; this line only tells the compiler.
  if (route === undefined) throw new Error(`ai-composite: no route for task ${chosen.task}`);
  const options = routeOptions({ route, options: request.options });
  const call = { ...taskCall, route, options, unfetched: undefined };
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
  const finding = findSession(call);
  const prepare = () => returnTogether({ call, prepare: () => prepareOrder(call) });
  return finding === undefined ? prepare() : finding.then(prepare);
}

function prepareOrder(call: RouteCall): PlanNow | Promise<PlanNow> {
  const { composite, request, route } = call;
  if (!ordersByCost(route.order) || isPinned(call)) return () => planRoute(call);
  // What is not made yet has no price to go by.
  for (const { prepare } of route.candidates) prepare?.();
  const measured = { ...call, input: inputOf(call) };
  const costs = route.candidates.map(candidate => estimateCost({ call: measured, candidate }));
  const planBy = (known: ReadonlyArray<CandidateCost>) => () =>
    orderRoute({
      call: measured,
      served: servedBefore({ composite, request, route }),
      interruption: findInterruption({ composite, request }),
      costOf: candidate => known[route.candidates.indexOf(candidate)] ?? unknownCost,
    });
  return areKnown(costs) ? planBy(costs) : Promise.all(costs).then(planBy);
}

function isPinned({ composite, request: { candidate } }: RouteCall): boolean {
  return candidate !== undefined && composite.candidates.some(({ name }) => name === candidate);
}

/** The input as its candidates get it: as the classifier measured it, unless the route adds to the call. */
function inputOf({ composite, request, options, measured }: RouteCall): MeasuredInput {
  return measured !== undefined && options === request.options
    ? measured
    : composite.pricing.measureInput(options);
}

function areKnown(
  costs: ReadonlyArray<CandidateCost | Promise<CandidateCost>>,
): costs is ReadonlyArray<CandidateCost> {
  return costs.every(cost => !(cost instanceof Promise));
}

const noNames: ReadonlyArray<string> = [];
const unknownCost: CandidateCost = {};

function estimateCost({
  call: { composite, options, input },
  candidate,
}: {
  readonly call: MeasuredCall;
  readonly candidate: Candidate;
}): CandidateCost | Promise<CandidateCost> {
  return composite.pricing.estimate({ call: pricedCall({ candidate, options }), input });
}

/** Plans a call on a route that prices do not order. */
function planRoute(call: RouteCall): Plan<ParsedRoute> {
  const { composite, request, route } = call;
  const interruption = findInterruption({ composite, request });
  const ready = interruption === undefined ? readyPlan(call) : undefined;
  if (ready !== undefined) return ready;
  const measured = { ...call, input: inputOf(call) };
  const costOf: CostOf = candidate => {
    const cost = estimateCost({ call: measured, candidate });
    return cost instanceof Promise ? unknownCost : cost;
  };
  return orderRoute({
    call: measured,
    served: servedBefore({ composite, request, route }),
    interruption,
    costOf,
  });
}

/** A buffered route has every answer streamed. */
function sentAs({
  route,
  type,
}: {
  readonly route: ParsedRoute;
  readonly type: CallType | undefined;
}): CallType | undefined {
  return type !== undefined && route.recover === 'buffer' ? 'stream' : type;
}

/** Plans a call by what is known of the route's candidates. */
function orderRoute({
  call: { composite, request, type, chosen, route, options, input, unfetched },
  served,
  interruption,
  costOf,
}: {
  readonly call: MeasuredCall;
  readonly served: Served | undefined;
  readonly interruption: FoundInterruption | undefined;
  readonly costOf: CostOf;
}): Plan<ParsedRoute> {
  const { candidates, state, clock, pricing, random } = composite;
  const nowMs = clock.now();
  const healthOf = (candidate: Candidate): Health => {
    const breaker = state.breakers.of(candidate);
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
    allowance: request.allowance,
    facts: {
      options,
      input,
      contextWindowOf: ({ model: { provider, modelId } }) =>
        pricing.contextWindow({ provider, modelId, atMs: nowMs }),
      unfetched,
      costOf,
      inFlightOf: ({ identity }) => state.inFlight?.count(identity) ?? 0,
      latencyOf: ({ identity }) => state.latency.observed({ identity, type: sentAs({ route, type }) }),
      meritsOf: meritsOn({ composite, route, options, type: sentAs({ route, type }) }),
      healthOf,
      served,
      interrupted: interruption?.candidates ?? noNames,
      comebackOf: candidate => comebackOf({ memory: state.breakers.memoryOf(candidate), nowMs }),
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
    ...(interruption !== undefined && { interruption }),
    ...(chosen.asked !== undefined && { asked: chosen.asked }),
  };
}
