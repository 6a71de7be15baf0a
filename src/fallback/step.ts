import { delay } from '../boundary/clock.ts';
import type { CallType } from '../candidate/call-options.ts';
import type { Candidate } from '../candidate/candidate.ts';
import type { FailedAttempt } from '../failure/errors.ts';
import { classifyFailure, type Failure } from '../failure/failure.ts';
import type { TellOutcome } from '../state/circuit-breaker.ts';
import { type Action, decideAction } from './action.ts';
import { type Attempt, type Call, endAttempt, openAttempt } from './attempt.ts';
import { earlier, type Limit, noLimit } from './limit.ts';

/** One candidate in its place in the plan. */
export type Step = {
  readonly candidate: Candidate;
  /** At most this many attempts; 1 where the step probes a candidate that was open. */
  readonly maxAttempts: number;
};

/** What a step came to: an answer, the next candidate's turn, or the end of the call. */
export type StepEnd<ANSWER> =
  | { readonly type: 'answer'; readonly answer: ANSWER }
  | { readonly type: 'fall-back' }
  | { readonly type: 'stop'; readonly reason: string };

/**
 * Sends one request. Resolves with what may be delivered, rejects with what went wrong. A `refusal` is a whole answer that
 * counts as a failure all the same: it is delivered only where the failure ends the call.
 */
export type Send<ANSWER> = (options: {
  readonly attempt: Attempt;
  /** No limit but the total may cut the last candidate that is left. */
  readonly queue: Queue;
}) => Promise<Sent<ANSWER>>;

type Sent<ANSWER> = { readonly answer: ANSWER; readonly refusal?: unknown };

/** The steps of a plan, and how many of them were begun. */
export type Queue = { readonly steps: ReadonlyArray<Step>; begun: number };

/** A plan on its way. */
export type Run<ANSWER> = Queue & {
  readonly call: Call;
  readonly type: CallType;
  readonly send: Send<ANSWER>;
  /** Every failed attempt of the call. */
  readonly failed: FailedAttempt[];
};

/** Takes the next step. */
export function nextStep(queue: Queue): Step | undefined {
  const step = queue.steps[queue.begun];
  if (step !== undefined) queue.begun += 1;
  return step;
}

/** True where nobody is left behind the candidates that were asked. */
export function isLast({ steps, begun }: Queue): boolean {
  return begun === steps.length;
}

/** One candidate's turn: all of its attempts in this call. */
type Turn = {
  readonly step: Step;
  readonly signal: AbortSignal | undefined;
  readonly total: Limit;
  readonly tellBreaker: TellOutcome;
};

/** Asks one candidate, again where its failure is worth it, until it answers or its turn is over. */
export async function tryStep<ANSWER>({
  run,
  step,
  signal,
}: {
  readonly run: Run<ANSWER>;
  readonly step: Step;
  readonly signal: AbortSignal | undefined;
}): Promise<StepEnd<ANSWER>> {
  const { call, type } = run;
  const { candidate } = step;
  const nowMs = call.clock.now();
  const tellBreaker = call.state.breakers.of(candidate.identity).begin(nowMs);
  const turn: Turn = { step, signal, total: totalOf({ call, candidate, nowMs }), tellBreaker };
  try {
    for (let candidateAttempt = 1; ; candidateAttempt++) {
      if (signal?.aborted) throw signal.reason;
      const attempt = openAttempt({ call, candidate, type, total: turn.total, signal, tellBreaker });
      let refused: Sent<ANSWER> | undefined;
      let problem: unknown;
      try {
        const sent = await run.send({ attempt, queue: run });
        if (sent.refusal === undefined) return { type: 'answer', answer: sent.answer };
        refused = sent;
        problem = sent.refusal;
      } catch (error) {
        // Whatever the provider made of the abort, an abort is no failure.
        if (signal?.aborted) {
          endAttempt({ attempt, end: { outcome: 'abort' } });
          throw signal.reason;
        }
        problem = error;
      }
      const next = afterFailure({ run, turn, attempt, problem, candidateAttempt });
      if (next.type === 'fall-back') return next;
      if (next.type === 'stop')
        return refused === undefined || next.isOutOfTime ? next : { type: 'answer', answer: refused.answer };
      await delay({ clock: call.clock, delayMs: next.delayMs, signal });
    }
  } catch (error) {
    // Only an abort ends a turn like this.
    tellBreaker('abort');
    throw error;
  }
}

/** What follows a failed attempt, once it is booked. */
function afterFailure<ANSWER>({
  run,
  turn: { step, total, tellBreaker },
  attempt,
  problem,
  candidateAttempt,
}: {
  readonly run: Run<ANSWER>;
  readonly turn: Turn;
  readonly attempt: Attempt;
  readonly problem: unknown;
  readonly candidateAttempt: number;
}): Action & { readonly isOutOfTime?: true } {
  const { call } = run;
  const { candidate, maxAttempts } = step;
  const { provider } = candidate.model;
  const failure = classifyFailure({ error: problem, nowMs: call.clock.now(), provider });
  endAttempt({ attempt, end: { outcome: 'failure', failure } });
  run.failed.push(describe({ attempt, failure }));

  const action = decideAction({
    failure,
    context: { task: call.task, candidate: candidate.name, attemptNumber: attempt.record.attemptNumber },
    conditions: call.conditions,
    candidateAttempt,
    maxAttempts,
    durationMs: call.clock.now() - attempt.startedAtMs,
    isLast: isLast(run),
    retriesAllowed: call.state.retryBudget.allows(),
    backoff: call.backoff,
    random: call.random,
    tellProblem: call.warn,
  });
  const nowMs = call.clock.now();
  if (action.type === 'retry' && nowMs + action.delayMs < total.dueAtMs) return action;
  // Once a turn, or one request that is refused again and again would open it alone.
  tellBreaker(failure);
  if (nowMs >= call.startedAtMs + call.totalMs)
    return { type: 'stop', reason: `totalMs of ${call.totalMs} ms ran out`, isOutOfTime: true };
  return action.type === 'stop' ? action : { type: 'fall-back' };
}

/** The call's own limit or the candidate's for all its attempts, whichever runs out first. */
function totalOf({
  call,
  candidate,
  nowMs,
}: {
  readonly call: Call;
  readonly candidate: Candidate;
  readonly nowMs: number;
}): Limit {
  return earlier({
    one: totalFrom({ startsAtMs: call.startedAtMs, limitMs: call.totalMs }),
    other: totalFrom({ startsAtMs: nowMs, limitMs: candidate.timeouts.totalMs }),
  });
}

function totalFrom({
  startsAtMs,
  limitMs,
}: {
  readonly startsAtMs: number;
  readonly limitMs: number;
}): Limit {
  if (limitMs === Number.POSITIVE_INFINITY) return noLimit;
  return { name: 'totalMs', limitMs, dueAtMs: startsAtMs + limitMs };
}

function describe({
  attempt,
  failure,
}: {
  readonly attempt: Attempt;
  readonly failure: Failure;
}): FailedAttempt {
  const { candidate, record, call, startedAtMs } = attempt;
  return {
    attemptNumber: record.attemptNumber,
    candidate: candidate.name,
    provider: candidate.model.provider,
    modelId: candidate.model.modelId,
    failureKind: failure.kind,
    durationMs: call.clock.now() - startedAtMs,
    ...(failure.statusCode !== undefined && { statusCode: failure.statusCode }),
    ...(failure.code !== undefined && { code: failure.code }),
    error: failure.error,
  };
}
