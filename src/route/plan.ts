import type { LanguageModelV4CallOptions } from '@ai-sdk/provider';
import type { Candidate } from '../candidate/candidate.ts';
import { asked } from '../state/conversations/away.ts';
import type { FoundInterruption } from '../state/conversations/interruptions.ts';
import type { Affinity } from './affinity/affinity.ts';
import { type Home, hasHome } from './affinity/home.ts';
import type { ClassifierCall } from './classify/classifier-call.ts';
import type { ChosenTask } from './classify/task.ts';
import { rankCandidates } from './order/rank-candidates.ts';
import type { RankedCandidate } from './order/ranking.ts';
import { type PlacedServed, placeServed, type Ranked } from './place-served.ts';
import { goesLast, type PlanFacts, type Route } from './plan-facts.ts';
import { type Placed, type PlannedStep, toStep } from './planned-step.ts';
import { type Allowance, nobodyAllowed, partAllowed, unknownNames } from './serve/allowed.ts';
import { judgeCandidates, type UnableCandidate } from './serve/capabilities.ts';
import type { UnfetchedLinks } from './serve/links.ts';

export type { Health, Route } from './plan-facts.ts';

/** The steps of a call in their order, and every candidate left out with the reason; plain data. */
export type OrderedCandidates = {
  readonly steps: ReadonlyArray<PlannedStep>;
  readonly skipped: ReadonlyArray<{ readonly candidate: string; readonly reason: string }>;
  readonly warnings: ReadonlyArray<string>;
} & Omit<PlacedServed, 'placed'>;

/**
 * Orders a route's candidates for one call. Pure: a function of the route, the pin and the facts it is given.
 * Candidates that cannot serve the request are left out, unless nobody would remain; the rest is ordered as the route says,
 * with the one that served the conversation before in front. A candidate whose breaker is open goes behind the others, the
 * soonest to recover first; it is never lost, since all may be open. Who just broke off an answer of this conversation goes
 * behind everybody else.
 */
export function orderCandidates({
  route,
  everyCandidate,
  pin,
  allowance,
  facts,
}: Ordering): OrderedCandidates {
  const warnings: string[] = [...unknownNames({ allowance, everyCandidate })];
  if (pin !== undefined) {
    const candidate = [...route.candidates, ...everyCandidate].find(({ name }) => name === pin);
    if (candidate !== undefined) {
      const { allowed, notAllowed } = partAllowed({ candidates: [candidate], allowance });
      if (allowed.length === 0)
        return { steps: [], skipped: notAllowed, warnings: [...warnings, nobodyAllowed(notAllowed)] };
      const step = { candidate, maxAttempts: candidate.attempts, reason: 'pinned' } as const;
      return { steps: [step], skipped: [], ...pinnedHome(route), warnings };
    }
    const names = new Set(everyCandidate.map(({ name }) => name));
    warnings.push(
      `There is no candidate "${pin}"; candidates are ${[...names].join(', ')}. The call was routed as usual.`,
    );
  }

  const { allowed, notAllowed } = partAllowed({ candidates: route.candidates, allowance });
  if (allowed.length === 0)
    return { steps: [], skipped: notAllowed, warnings: [...warnings, nobodyAllowed(notAllowed)] };
  const ordered = orderAllowed({
    route: { ...route, candidates: allowed },
    everyone: route.candidates,
    facts,
  });
  const [first, ...others] = ordered.steps;
  const isAlone = allowance?.hasFallback === false && first !== undefined;
  return {
    ...ordered,
    steps: isAlone ? [first] : ordered.steps,
    skipped: [
      ...notAllowed,
      ...ordered.skipped,
      ...(isAlone
        ? others.map(({ candidate: { name } }) => ({ candidate: name, reason: 'fallback: false' }))
        : []),
    ],
    warnings: [...warnings, ...ordered.warnings],
  };
}

/** A pin takes the conversation away from where its route would have it, unless it names the first that is listed. */
function pinnedHome({ candidates, order, hasAffinity }: Route): { readonly home?: Home } {
  if (!hasAffinity || !hasHome(order)) return {};
  const candidate = order === 'listed' ? (candidates[0]?.name ?? '') : '';
  return { home: { candidate, there: '', elsewhere: asked, ifUnable: '', ifSlower: '' } };
}

type Ordering = {
  readonly route: Route;
  /** Where a pin is looked up when the route does not have it. */
  readonly everyCandidate: ReadonlyArray<Candidate>;
  readonly pin: string | undefined;
  readonly allowance?: Allowance | undefined;
  readonly facts: PlanFacts;
};

/** Orders those that may be asked: at least one. */
function orderAllowed({
  route,
  everyone,
  facts,
}: Pick<Ordering, 'route' | 'facts'> & Pick<Ranked, 'everyone'>): OrderedCandidates {
  const warnings: string[] = [];
  const { able, unable } = judgeCandidates({ candidates: route.candidates, facts });
  const isAnybodyAble = able.length > 0;
  const ranking = rankCandidates({
    order: route.order,
    candidates: isAnybodyAble ? able : route.candidates,
    routeNames: () => route.candidates.map(({ name }) => name),
    facts,
  });
  warnings.push(...ranking.warnings);
  if (!isAnybodyAble) warnings.push(nobodyIsAble(unable));
  const { placed: own, ...found } = placeServed({
    route,
    everyone,
    ranked: isAnybodyAble ? ranking.ranked : [],
    facts,
  });
  const placed = isAnybodyAble ? own : leastWrongFirst({ ranked: ranking.ranked, unable });
  return {
    steps: interruptedLast({ steps: withHealth({ placed, facts }), facts }),
    skipped: isAnybodyAble
      ? unable.map(({ candidate, lacks }) => ({ candidate: candidate.name, reason: lacks.join('; ') }))
      : [],
    ...found,
    warnings,
  };
}

function nobodyIsAble(unable: ReadonlyArray<UnableCandidate>): string {
  const reasons = unable.map(({ candidate, lacks }) => `${candidate.name}: ${lacks.join('; ')}`);
  return `No candidate is known to be able to serve this request; they are asked all the same, the least wrong first (${reasons.join(' / ')}).`;
}

/** Whoever lacks least goes first; ties keep the order of the route. */
function leastWrongFirst({
  ranked,
  unable,
}: {
  readonly ranked: ReadonlyArray<RankedCandidate>;
  readonly unable: ReadonlyArray<UnableCandidate>;
}): ReadonlyArray<Placed> {
  const lacks = new Map(unable.map(({ candidate, lacks: { length } }) => [candidate, length]));
  const lacksOf = ({ candidate }: Placed) => lacks.get(candidate) ?? 0;
  return ranked
    .map((own): Placed => ({ ...own, reason: 'incapable' }))
    .sort((one, other) => lacksOf(one) - lacksOf(other));
}

function withHealth({
  placed,
  facts: { healthOf },
}: {
  readonly placed: ReadonlyArray<Placed>;
  readonly facts: PlanFacts;
}): ReadonlyArray<PlannedStep> {
  const ready: PlannedStep[] = [];
  const open: Array<{ readonly step: PlannedStep; readonly untilMs: number }> = [];
  for (const own of placed) {
    const health = healthOf(own.candidate);
    if (goesLast(health))
      open.push({ step: toStep({ ...own, reason: 'circuit-open' }), untilMs: health.openUntilMs ?? 0 });
    else if (health.state === 'closed') ready.push(toStep(own));
    // One attempt is the whole probe; a second would keep the caller waiting for a candidate that was just down.
    else ready.push({ ...toStep({ ...own, reason: 'probe' }), ...(placed.length > 1 && { maxAttempts: 1 }) });
  }
  open.sort((one, other) => one.untilMs - other.untilMs);
  return open.length === 0 ? ready : [...ready, ...open.map(({ step }) => step)];
}

/** Whoever's answer broke off last goes last; alone it keeps its place. */
function interruptedLast({
  steps,
  facts: { interrupted },
}: {
  readonly steps: ReadonlyArray<PlannedStep>;
  readonly facts: PlanFacts;
}): ReadonlyArray<PlannedStep> {
  if (interrupted.length === 0 || steps.length < 2) return steps;
  const others = steps.filter(({ candidate: { name } }) => !interrupted.includes(name));
  const behind = interrupted.flatMap(name => {
    const step = steps.find(({ candidate }) => candidate.name === name);
    return step === undefined ? [] : [{ ...step, reason: 'interrupted' as const }];
  });
  return [...others, ...behind];
}

/** The plan of one call: its task, its steps, and what the result should warn about. */
export type Plan<ROUTE extends Route = Route> = {
  readonly task: string;
  readonly taskSource: ChosenTask['source'];
  readonly route: ROUTE;
  /** The call's options, over those of its route. */
  readonly options: LanguageModelV4CallOptions;
  readonly steps: ReadonlyArray<PlannedStep>;
  readonly skipped: OrderedCandidates['skipped'];
  /** Where a candidate is known to have served the conversation before. */
  readonly affinity?: Affinity;
  /** Left out where the conversation is at home and nothing speaks against it, and where there is none. */
  readonly home?: Home;
  readonly returnsTo?: Candidate;
  readonly warnings: ReadonlyArray<string>;
  /** Where the request has links that somebody follows and somebody else does not. */
  readonly unfetched?: UnfetchedLinks;
  /** Where the answer of this conversation broke off a moment ago. */
  readonly interruption?: FoundInterruption;
  /** The request to a classifying model, if one was made to find the task. */
  readonly asked?: ClassifierCall;
};
