import type { LanguageModelV4CallOptions } from '@ai-sdk/provider';
import { type Candidate, pricedCall } from './candidate.ts';
import type { Pricing } from './cost/index.ts';
import { type CompositeRequest, warn } from './request.ts';
import type { CallType } from './route/latency.ts';
import { type CandidateCost, ordersByCost } from './route/order.ts';
import { type Health, orderCandidates, type Plan } from './route/plan.ts';
import { type ChosenTask, chooseTask } from './route/task.ts';
import type { ParsedRoute } from './route-settings.ts';
import type { Composite } from './settings.ts';

/**
 * Plans a call: chooses its task, then orders the route's candidates by what is known of them. Answers without a promise
 * unless a classifier has to be asked, or prices decide and the catalog is still loading.
 */
export function planCall({
  composite,
  pinnedTask,
  request,
  type,
}: {
  readonly composite: Composite;
  readonly pinnedTask: string | undefined;
  readonly request: CompositeRequest;
  /** Which speed `'fastest'` goes by; left out where nobody is called. */
  readonly type?: CallType;
}): Plan<ParsedRoute> | Promise<Plan<ParsedRoute>> {
  const { routes, defaultTask, classify, classifyTimeoutMs, clock, pricing } = composite;
  const chosen = chooseTask({
    pinned: pinnedTask,
    named: request.task,
    tasks: routes,
    defaultTask,
    classify,
    classifyTimeoutMs,
    clock,
    options: request.options,
    estimateInput: () => {
      const candidate = routes.get(defaultTask)?.candidates[0];
      return candidate === undefined ? 0 : inputTokensOf({ pricing, candidate, options: request.options });
    },
  });
  return chosen instanceof Promise
    ? chosen.then(found => planTask({ composite, request, type, chosen: found }))
    : planTask({ composite, request, type, chosen });
}

type TaskCall = {
  readonly composite: Composite;
  readonly request: CompositeRequest;
  readonly type: CallType | undefined;
  readonly chosen: ChosenTask;
};
type CostOf = (candidate: Candidate) => CandidateCost;

function planTask(call: TaskCall): Plan<ParsedRoute> | Promise<Plan<ParsedRoute>> {
  const { composite, request, chosen } = call;
  const route = composite.routes.get(chosen.task);
  // Parsed settings have a route for every task; this line only tells the compiler.
  if (route === undefined) throw new Error(`ai-composite: no route for task ${chosen.task}`);
  const isPinned =
    request.candidate !== undefined && composite.candidates.some(({ name }) => name === request.candidate);
  if (isPinned || !ordersByCost(route.order)) return planRoute({ ...call, route, costOf: () => unknownCost });

  const costs = route.candidates.map(candidate => estimateCost({ composite, request, candidate }));
  const planBy = (known: ReadonlyArray<CandidateCost>) => {
    const costOf: CostOf = candidate => known[route.candidates.indexOf(candidate)] ?? unknownCost;
    return planRoute({ ...call, route, costOf });
  };
  return areKnown(costs) ? planBy(costs) : Promise.all(costs).then(planBy);
}

function areKnown(
  costs: ReadonlyArray<CandidateCost | Promise<CandidateCost>>,
): costs is ReadonlyArray<CandidateCost> {
  return costs.every(cost => !(cost instanceof Promise));
}

const unknownCost: CandidateCost = {};

/** An estimator of the user's that fails leaves the price unknown: no call fails because of its order. */
function estimateCost({
  composite: { pricing },
  request: { options },
  candidate,
}: Pick<TaskCall, 'composite' | 'request'> & { readonly candidate: Candidate }):
  | CandidateCost
  | Promise<CandidateCost> {
  try {
    const cost = pricing.estimate(pricedCall({ candidate, options }));
    return cost instanceof Promise ? cost.catch(() => unknownCost) : cost;
  } catch {
    return unknownCost;
  }
}

/** Nothing known, so nothing against a candidate, where an estimator of the user's fails. */
function inputTokensOf({
  pricing,
  candidate,
  options,
}: {
  readonly pricing: Pricing;
  readonly candidate: Candidate;
  readonly options: LanguageModelV4CallOptions;
}): number {
  try {
    return pricing.estimateInput(pricedCall({ candidate, options }));
  } catch {
    return 0;
  }
}

function planRoute({
  composite: { candidates, breakerOf, clock, pricing, latency, random },
  request,
  type,
  chosen,
  route,
  costOf,
}: TaskCall & { readonly route: ParsedRoute; readonly costOf: CostOf }): Plan<ParsedRoute> {
  const nowMs = clock.now();
  const healthOf = ({ identity }: Candidate): Health => {
    const breaker = breakerOf(identity);
    const { state, openUntilMs } = breaker.state(nowMs);
    return { state, isProbing: breaker.isProbing(), openUntilMs };
  };
  const { steps, skipped, warnings } = orderCandidates({
    route,
    everyCandidate: candidates,
    pin: request.candidate,
    options: request.options,
    healthOf,
    estimateInput: candidate => inputTokensOf({ pricing, candidate, options: request.options }),
    costOf,
    latencyOf: ({ identity }) => latency.observed({ identity, type }),
    random,
  });
  const texts = chosen.warning === undefined ? warnings : [chosen.warning, ...warnings];
  return {
    task: chosen.task,
    taskSource: chosen.source,
    route,
    options: request.options,
    steps,
    skipped,
    warnings: texts.map(warn),
    ...(chosen.asked !== undefined && { asked: chosen.asked }),
  };
}
