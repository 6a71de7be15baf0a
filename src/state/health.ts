import type { CircuitState } from './breakers/circuit-breaker.ts';
import type { SharedOwner } from './shared/shared.ts';
import type { SharedState } from './state.ts';

/** The health of one candidate. */
export type CandidateHealth = CircuitState & { readonly candidate: string };

const unused: CircuitState = { state: 'closed', consecutiveFailures: 0 };

/** Reads the state of every candidate's circuit breaker, without asking anybody. */
export function healthOf({
  candidates,
  state,
  nowMs,
}: {
  readonly candidates: ReadonlyArray<SharedOwner>;
  /** Undefined where no call can have been made yet. */
  readonly state: Pick<SharedState, 'look' | 'breakers'> | undefined;
  readonly nowMs: number;
}): ReadonlyArray<CandidateHealth> {
  void state?.look?.();
  const byName = new Map(candidates.map(candidate => [candidate.name, candidate]));
  return [...byName].map(([candidate, owner]) => ({
    candidate,
    ...(state?.breakers.of(owner).state(nowMs) ?? unused),
  }));
}
