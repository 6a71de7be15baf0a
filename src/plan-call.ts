import { type Candidate, pricedCall } from './candidate.ts';
import { type CompositeRequest, warn } from './request.ts';
import { type Health, orderCandidates, type Plan } from './route/plan.ts';
import { type ChosenTask, chooseTask } from './route/task.ts';
import type { ParsedRoute } from './route-settings.ts';
import type { Composite } from './settings.ts';

/**
 * Plans a call: chooses its task, then orders the route's candidates by what is known of their health. Answers without a
 * promise unless a classifier has to be asked.
 */
export function planCall({
  composite,
  pinnedTask,
  request,
}: {
  readonly composite: Composite;
  readonly pinnedTask: string | undefined;
  readonly request: CompositeRequest;
}): Plan<ParsedRoute> | Promise<Plan<ParsedRoute>> {
  const { routes, defaultTask, classify, classifyTimeoutMs, clock } = composite;
  const chosen = chooseTask({
    pinned: pinnedTask,
    named: request.task,
    tasks: routes,
    defaultTask,
    classify,
    classifyTimeoutMs,
    clock,
    options: request.options,
  });
  return chosen instanceof Promise
    ? chosen.then(found => planTask({ composite, request, chosen: found }))
    : planTask({ composite, request, chosen });
}

function planTask({
  composite: { routes, candidates, breakerOf, clock, pricing },
  request,
  chosen,
}: {
  readonly composite: Composite;
  readonly request: CompositeRequest;
  readonly chosen: ChosenTask;
}): Plan<ParsedRoute> {
  const route = routes.get(chosen.task);
  // Parsed settings have a route for every task; this line only tells the compiler.
  if (route === undefined) throw new Error(`ai-composite: no route for task ${chosen.task}`);
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
    estimateInput: candidate => pricing.estimateInput(pricedCall({ candidate, options: request.options })),
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
  };
}
