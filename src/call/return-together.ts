import { isTurnStart } from '../route/affinity/turn-start.ts';
import type { ParsedRoute } from '../settings/route-settings.ts';
import { down } from '../state/conversations/away.ts';
import { type PlanNow, type PlanOptions, servedBefore } from './ready-plan.ts';

type Prepared = PlanNow | Promise<PlanNow>;

/**
 * Of all processes one conversation at a time comes back to a candidate that was out of order, until one was answered there. Its
 * call asks for leave first, shortly; the others stay where they are.
 */
export function returnTogether({
  call: { composite, request, route, type },
  prepare,
}: {
  readonly call: Pick<PlanOptions, 'composite' | 'request' | 'type'> & { readonly route: ParsedRoute };
  readonly prepare: () => Prepared;
}): Prepared {
  const { look, breakers } = composite.state;
  // Who only wants to know the plan brings nobody back.
  if (look === undefined || type === undefined || !isTurnStart(request.options.prompt)) return prepare();
  const served = servedBefore({ composite, request, route });
  if (served?.away !== down) return prepare();
  const askFirst = (planNow: PlanNow): Prepared => {
    const { returnsTo } = planNow();
    const memory = returnsTo && breakers.memoryOf(returnsTo);
    if (memory === undefined || memory.settling.returning?.isProven === true) return planNow;
    const asking = memory.mirror?.askForReturn();
    return asking === undefined ? planNow : asking.then(() => planNow);
  };
  const prepareAsking = (): Prepared => {
    const prepared = prepare();
    return prepared instanceof Promise ? prepared.then(askFirst) : askFirst(prepared);
  };
  const looking = route.candidates.flatMap(candidate => {
    if (candidate.name === served.candidate) return [];
    const memory = breakers.memoryOf(candidate);
    return (
      (memory?.settling.returning?.isProven === true ? undefined : memory?.mirror?.lookForReturn()) ?? []
    );
  });
  return looking.length === 0 ? prepareAsking() : Promise.all(looking).then(prepareAsking);
}
