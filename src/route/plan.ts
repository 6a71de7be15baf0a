import type { LanguageModelV4CallOptions, SharedV4Warning } from '@ai-sdk/provider';
import type { Candidate } from '../candidate.ts';

/** A route with every default filled in. */
export type Route = {
  readonly task: string;
  readonly candidates: ReadonlyArray<Candidate>;
};

/** What the plan needs to know of a candidate's health; the breaker's state without its machinery. */
export type Health = {
  readonly state: 'closed' | 'open' | 'half-open';
  readonly isProbing: boolean;
  readonly openUntilMs: number | undefined;
};

/** One candidate in its place, and why it stands there. */
export type PlannedStep = {
  readonly candidate: Candidate;
  readonly maxAttempts: number;
  readonly reason: 'listed' | 'pinned' | 'probe' | 'circuit-open';
};

/** The steps of a call in their order, and every candidate left out with the reason; plain data. */
export type OrderedCandidates = {
  readonly steps: ReadonlyArray<PlannedStep>;
  readonly skipped: ReadonlyArray<{ readonly candidate: string; readonly reason: string }>;
  readonly warnings: ReadonlyArray<string>;
};

/**
 * Orders a route's candidates for one call. Pure: a function of the route, the pin and the health it is given. A candidate
 * whose breaker is open goes behind the others, the soonest to recover first; it is never lost, since all may be open.
 */
export function orderCandidates({
  route,
  everyCandidate,
  pin,
  healthOf,
}: {
  readonly route: Route;
  /** Where a pin is looked up when the route does not have it. */
  readonly everyCandidate: ReadonlyArray<Candidate>;
  readonly pin: string | undefined;
  readonly healthOf: (candidate: Candidate) => Health;
}): OrderedCandidates {
  if (pin !== undefined) {
    const candidate = [...route.candidates, ...everyCandidate].find(({ name }) => name === pin);
    if (candidate !== undefined)
      return {
        steps: [{ candidate, maxAttempts: candidate.attempts, reason: 'pinned' }],
        skipped: [],
        warnings: [],
      };
  }
  const warnings =
    pin === undefined
      ? []
      : [
          `There is no candidate "${pin}"; candidates are ${[...new Set(everyCandidate.map(({ name }) => name))].join(', ')}. The call was routed as usual.`,
        ];

  const ready: PlannedStep[] = [];
  const open: Array<PlannedStep & { readonly openUntilMs: number }> = [];
  for (const candidate of route.candidates) {
    const health = healthOf(candidate);
    if (health.state === 'closed')
      ready.push({ candidate, maxAttempts: candidate.attempts, reason: 'listed' });
    else if (health.state === 'half-open' && !health.isProbing)
      ready.push({ candidate, maxAttempts: 1, reason: 'probe' });
    else
      open.push({
        candidate,
        maxAttempts: candidate.attempts,
        reason: 'circuit-open',
        openUntilMs: health.openUntilMs ?? 0,
      });
  }
  if (open.length === 0) return { steps: ready, skipped: [], warnings };
  open.sort((one, other) => one.openUntilMs - other.openUntilMs);
  return {
    steps: [...ready, ...open.map(({ openUntilMs: _openUntilMs, ...step }) => step)],
    skipped: [],
    warnings,
  };
}

/** The plan of one call: its task, its steps, and what the result should warn about. */
export type Plan<ROUTE extends Route = Route> = {
  readonly task: string;
  readonly taskSource: 'pinned' | 'provider-options' | 'classify' | 'default';
  readonly route: ROUTE;
  readonly options: LanguageModelV4CallOptions;
  readonly steps: ReadonlyArray<PlannedStep>;
  readonly skipped: ReadonlyArray<{ readonly candidate: string; readonly reason: string }>;
  readonly warnings: ReadonlyArray<SharedV4Warning>;
};
