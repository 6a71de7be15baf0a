import { nameTask } from '../route/classify/task.ts';
import type { Plan } from '../route/plan.ts';
import type { ParsedRoute } from '../settings/route-settings.ts';
import { planner } from './planner-chunk.ts';
import { type PlanNow, type PlanOptions, readyPlan } from './ready-plan.ts';

/**
 * Plans a call: chooses its task, then orders the route's candidates by what is known of them. Answers without a promise
 * unless a classifier has to be asked, or prices decide and the catalog is still loading.
 */
export function planCall(options: PlanOptions): Plan<ParsedRoute> | Promise<Plan<ParsedRoute>> {
  const prepared = preparePlan(options);
  return prepared instanceof Promise ? prepared.then(planNow => planNow()) : prepared();
}

/** Finds out everything that a plan may have to wait for; most calls take the one that is ready. */
export function preparePlan(planned: PlanOptions): PlanNow | Promise<PlanNow> {
  const { composite, pinnedTask: pinned, request } = planned;
  const { routes: tasks, defaultTask, classify, state } = composite;
  const { task: named } = request;
  // What other processes have seen is looked at first.
  const isAlone = state.look === undefined;
  const isTaskKnown = classify === undefined || pinned !== undefined || named !== undefined;
  if (isAlone && isTaskKnown && state.interruptions.memory?.isEmpty() !== false) {
    const plan = readyPlan({ ...planned, chosen: nameTask({ pinned, named, tasks, defaultTask }) });
    if (plan !== undefined) return () => plan;
  }
  const code = planner.now();
  return code === undefined
    ? planner.load().then(({ planByFacts }) => planByFacts(planned))
    : code.planByFacts(planned);
}
