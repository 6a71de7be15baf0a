import type { CircuitState } from './circuit-breaker.ts';
import type { SharedOwner } from './shared.ts';
import type { SharedState } from './state.ts';

/** The health of one candidate. */
export type CandidateHealth = CircuitState & { readonly candidate: string };

/** Reads the state of every candidate's circuit breaker, without asking anybody. */
export function healthOf({
  candidates,
  state: { look, breakers },
  nowMs,
}: {
  readonly candidates: ReadonlyArray<SharedOwner>;
  readonly state: Pick<SharedState, 'look' | 'breakers'>;
  readonly nowMs: number;
}): ReadonlyArray<CandidateHealth> {
  void look?.();
  const byName = new Map(candidates.map(candidate => [candidate.name, candidate]));
  return [...byName].map(([candidate, owner]) => ({ candidate, ...breakers.of(owner).state(nowMs) }));
}
