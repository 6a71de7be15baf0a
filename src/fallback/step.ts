import type { CallType } from '../candidate/call-options.ts';
import type { Candidate } from '../candidate/candidate.ts';
import type { FailedAttempt } from '../failure/failed-attempt.ts';
import type { TellOutcome } from '../state/breakers/circuit-breaker.ts';
import type { Attempt, Call } from './attempt.ts';
import type { Limit } from './limits/limit.ts';
import type { Best, Withheld } from './withheld.ts';

/** One candidate in its place in the plan. */
export type Step = {
  readonly candidate: Candidate;
  /** At most this many attempts; 1 where the step probes a candidate that was open. */
  readonly maxAttempts: number;
};

/** What a step came to: an answer, the next candidate's turn, or the end of the call. */
export type StepEnd<ANSWER> =
  | { readonly type: 'answer'; readonly answer: ANSWER }
  /** `isLeftOut`: nobody was asked, so that the same candidate may be asked later. */
  | { readonly type: 'fall-back'; readonly isLeftOut?: true }
  | { readonly type: 'stop'; readonly reason: string; readonly isLeftOut?: true };

/**
 * Sends one request. Resolves with what may be delivered, rejects with what went wrong. What is withheld is delivered only
 * where its failure ends the call, or the call gets no other answer.
 */
export type Send<ANSWER> = (options: {
  readonly attempt: Attempt;
  /** No limit but the total may cut the last candidate that is left. */
  readonly queue: Queue;
}) => PromiseLike<Sent<ANSWER>>;

export type Sent<ANSWER> = Extract<StepEnd<ANSWER>, { type: 'answer' }> | Withheld<ANSWER>;

/** The steps of a plan, and what became of them so far. */
export type Queue = {
  readonly steps: ReadonlyArray<Step>;
  /** How many of them were begun. */
  begun: number;
  /** Every failed attempt of the call. */
  readonly failed: FailedAttempt[];
  /** An answer that will do if there is no other. */
  readonly best: object | undefined;
  /** Told once there is one. */
  whenKept: (() => void) | undefined;
};

/** A plan on its way. */
export type Run<ANSWER> = Queue & {
  readonly call: Call;
  readonly type: CallType;
  readonly send: Send<ANSWER>;
  /** The least bad of the withheld answers so far, where the route delivers it rather than none. */
  best: Best<ANSWER> | undefined;
};

/** Takes the next step. */
export function nextStep(queue: Queue): Step | undefined {
  const step = queue.steps[queue.begun];
  if (step !== undefined) queue.begun += 1;
  return step;
}

/** Puts the step that was taken last back: nobody was asked. */
export function putBack(queue: Queue): void {
  queue.begun -= 1;
}

/** True where nobody is left behind the candidates that were asked. */
export function isLast({ steps, begun }: Queue): boolean {
  return begun === steps.length;
}

/** One candidate's turn: all of its attempts in this call. */
export type Turn = {
  readonly step: Step;
  readonly signal: AbortSignal | undefined;
  readonly total: Limit;
  readonly tellBreaker: TellOutcome;
};
