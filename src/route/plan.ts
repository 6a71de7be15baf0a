import type { LanguageModelV4CallOptions, SharedV4Warning } from '@ai-sdk/provider';
import type { Candidate } from '../candidate.ts';
import { incapability } from './capabilities.ts';
import { readNeeds } from './needs.ts';
import {
  type Order,
  type OrderFacts,
  type OrderReason,
  type RankedCandidate,
  rankCandidates,
} from './order.ts';
import type { ClassifierCall } from './task.ts';

/** A route with every default filled in. */
export type Route = {
  readonly task: string;
  readonly candidates: ReadonlyArray<Candidate>;
  readonly order: Order;
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
  readonly reason: OrderReason | 'pinned' | 'probe' | 'circuit-open';
  /** What it was ordered by: USD for `'cheapest'`, milliseconds for `'fastest'`, its weight for weights. */
  readonly score?: number;
};

/** The steps of a call in their order, and every candidate left out with the reason; plain data. */
export type OrderedCandidates = {
  readonly steps: ReadonlyArray<PlannedStep>;
  readonly skipped: ReadonlyArray<{ readonly candidate: string; readonly reason: string }>;
  readonly warnings: ReadonlyArray<string>;
};

/**
 * Orders a route's candidates for one call. Pure: a function of the route, the request, the pin and the facts it is given.
 * Candidates that cannot serve the request are left out, unless nobody would remain; the rest is ordered as the route says.
 * A candidate whose breaker is open goes behind the others, the soonest to recover first; it is never lost, since all may be
 * open.
 */
export function orderCandidates({
  route,
  everyCandidate,
  pin,
  options,
  healthOf,
  estimateInput,
  costOf,
  latencyOf,
  random,
}: Omit<OrderFacts, 'options'> & {
  readonly route: Route;
  /** Where a pin is looked up when the route does not have it. */
  readonly everyCandidate: ReadonlyArray<Candidate>;
  readonly pin: string | undefined;
  readonly options: LanguageModelV4CallOptions;
  readonly healthOf: (candidate: Candidate) => Health;
  /** Estimates the tokens of the request's input as a candidate counts them. */
  readonly estimateInput: (candidate: Candidate) => number;
}): OrderedCandidates {
  if (pin !== undefined) {
    const candidate = [...route.candidates, ...everyCandidate].find(({ name }) => name === pin);
    if (candidate !== undefined) {
      return {
        steps: [{ candidate, maxAttempts: candidate.attempts, reason: 'pinned' }],
        skipped: [],
        warnings: [],
      };
    }
  }
  const warnings: string[] = [];
  if (pin !== undefined) {
    const names = new Set(everyCandidate.map(({ name }) => name));
    warnings.push(
      `There is no candidate "${pin}"; candidates are ${[...names].join(', ')}. The call was routed as usual.`,
    );
  }

  const needs = readNeeds(options);
  const judged = route.candidates.map(candidate => ({
    candidate,
    reason: incapability({
      capabilities: candidate.capabilities,
      needs,
      provider: candidate.model.provider,
      inputTokens: () => estimateInput(candidate),
    }),
  }));
  const incapable = judged.filter(({ reason }) => reason !== undefined);
  const nobodyLeft = incapable.length === judged.length;
  if (nobodyLeft)
    warnings.push(
      `No candidate is known to be able to serve this request (${judged[0]?.reason}); they were asked all the same.`,
    );

  const capable = nobodyLeft ? judged : judged.filter(({ reason }) => reason === undefined);
  const ranking = rankCandidates({
    order: route.order,
    candidates: capable.map(({ candidate }) => candidate),
    routeNames: () => route.candidates.map(({ name }) => name),
    facts: { options, costOf, latencyOf, random },
  });

  const ready: PlannedStep[] = [];
  const open: Array<{ readonly step: PlannedStep; readonly untilMs: number }> = [];
  for (const ranked of ranking.ranked) {
    const { state, isProbing, openUntilMs = 0 } = healthOf(ranked.candidate);
    if (state === 'closed') ready.push(toStep({ ranked, reason: ranked.reason }));
    else if (state === 'half-open' && !isProbing) ready.push(toStep({ ranked, reason: 'probe' }));
    else open.push({ step: toStep({ ranked, reason: 'circuit-open' }), untilMs: openUntilMs });
  }
  open.sort((one, other) => one.untilMs - other.untilMs);
  return {
    steps: open.length === 0 ? ready : [...ready, ...open.map(({ step }) => step)],
    skipped: nobodyLeft
      ? []
      : incapable.map(({ candidate, reason = '' }) => ({ candidate: candidate.name, reason })),
    warnings: [...warnings, ...ranking.warnings],
  };
}

function toStep({
  ranked: { candidate, score },
  reason,
}: {
  readonly ranked: RankedCandidate;
  readonly reason: PlannedStep['reason'];
}): PlannedStep {
  return {
    candidate,
    // One attempt is the whole probe; a second would keep the caller waiting for a candidate that was just down.
    maxAttempts: reason === 'probe' ? 1 : candidate.attempts,
    reason,
    ...(score !== undefined && { score }),
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
  /** The request to a classifying model, if one was made to find the task. */
  readonly asked?: ClassifierCall;
};
