import { lastMaker } from '../fallback/history/makers.ts';
import type { ParsedRoute } from '../settings/route-settings.ts';
import { isPromise } from '../state/shared/store-link.ts';
import type { Composite } from './open-composite.ts';
import type { PlanNow, PlanOptions } from './ready-plan.ts';
import type { CompositeRequest } from './request.ts';

/** Plans a call by what other processes have seen, too. */
export function planTogether({
  planned,
  plan,
}: {
  readonly planned: PlanOptions;
  /** Plans by what this process knows. */
  readonly plan: (planned: PlanOptions) => PlanNow | Promise<PlanNow>;
}): PlanNow | Promise<PlanNow> {
  const { composite, type } = planned;
  const looking = composite.state.look?.();
  const prepared = looking === undefined ? plan(planned) : looking.then(() => plan(planned));
  // Who only wants to know the plan probes nobody.
  if (type === undefined) return prepared;
  return prepared instanceof Promise
    ? prepared.then(planNow => askForProbe({ composite, planNow }))
    : askForProbe({ composite, planNow: prepared });
}

/** Of all processes one call probes a candidate that was down. It asks for leave first, shortly; the others go elsewhere. */
function askForProbe({
  composite: {
    state: { breakers },
  },
  planNow,
}: {
  readonly composite: Composite;
  readonly planNow: PlanNow;
}): PlanNow | Promise<PlanNow> {
  if (breakers.areClosed()) return planNow;
  const [first] = planNow().steps;
  const asking = first?.reason === 'probe' ? breakers.of(first.candidate).askForProbe() : undefined;
  return asking === undefined ? planNow : asking.then(() => planNow);
}

/** Asks the other processes who served a session, where the conversation itself does not show it. */
export function findSession({
  composite: { state, makers },
  request: { options, sessionId },
  route: { task, hasAffinity },
}: {
  readonly composite: Composite;
  readonly request: CompositeRequest;
  readonly route: ParsedRoute;
}): Promise<void> | undefined {
  if (state.look === undefined || !hasAffinity || sessionId === undefined) return undefined;
  if (lastMaker({ prompt: options.prompt, makers }) !== undefined) return undefined;
  const { sessions, shared } = state;
  const session = { task, sessionId };
  const key = sessions.keyOf(session);
  if (key === undefined) return undefined;
  const known = sessions.served(session);
  const keep = (note: string | undefined): undefined => {
    const now = sessions.served(session);
    if (note !== undefined && now?.candidate === known?.candidate && now?.away === known?.away)
      sessions.takeOver({ ...session, note });
  };
  const answer = shared.now()?.notes?.read(key);
  if (!isPromise(answer)) return keep(answer);
  const found = Promise.resolve(answer).then(keep);
  // What is known here may have changed elsewhere; the next call will know.
  return known === undefined ? found : undefined;
}
