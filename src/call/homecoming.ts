import type { Plan } from '../route/plan.ts';
import { beginReturn, endReturn } from '../state/breakers/comeback.ts';
import type { Composite } from './open-composite.ts';

/** A call and the candidate to which it brings its conversation back. */
type Homecoming = { readonly composite: Composite; readonly plan: Plan };

/** A call is about to bring its conversation back: until it has an end, others of this process stay where they are. */
export function beginHomecoming({ composite: { state, clock }, plan }: Homecoming): void {
  const memory = plan.returnsTo && state.breakers.memoryOf(plan.returnsTo);
  if (memory !== undefined) beginReturn({ memory, holder: holderOf(plan), nowMs: clock.now() });
}

/** What became of it. */
export function endHomecoming({
  composite: { state },
  plan,
  isAnswered,
}: Homecoming & { readonly isAnswered: boolean }): void {
  const memory = plan.returnsTo && state.breakers.memoryOf(plan.returnsTo);
  if (memory !== undefined) endReturn({ memory, holder: holderOf(plan), isAnswered });
}

/** Stands for the call without what was asked, for nobody may hear of its end. */
function holderOf(plan: Plan): object {
  return plan.affinity ?? plan;
}
