import type { Candidate } from '../candidate/candidate.ts';
import { isByScore } from '../route/order/order.ts';
import type { Plan } from '../route/plan.ts';
import type { ParsedRoute } from '../settings/route-settings.ts';
import type { Away } from '../state/conversations/away.ts';
import { type Accounts, callIdOf } from './accounts.ts';
import type { Composite } from './open-composite.ts';
import type { CompositeRequest } from './request.ts';

/** Keeps who served the call, for feedback on it, and for the conversation's next call. */
export function rememberServing({
  accounts,
  composite: { state },
  request: { sessionId },
  plan: { task, route },
  candidate: { name, identity },
  away,
}: {
  readonly accounts: Accounts;
  readonly composite: Composite;
  readonly request: CompositeRequest;
  readonly plan: Plan<ParsedRoute>;
  readonly candidate: Candidate;
  readonly away: Away;
}): void {
  if (isByScore(route.order)) {
    const callId = callIdOf(accounts);
    state.observed?.tell(({ calls }) => calls.served({ callId, identity, task }));
  }
  // A pin may name a candidate of another route; the conversation does not belong there.
  if (!route.hasAffinity || sessionId === undefined) return;
  if (route.candidates.some(candidate => candidate.name === name))
    state.sessions.record({ task, sessionId, candidate: name, away });
}
