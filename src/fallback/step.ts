import { delay } from '../boundary/clock.ts';
import type { CallType } from '../candidate/call-options.ts';
import type { Candidate } from '../candidate/candidate.ts';
import type { FailedAttempt } from '../failure/errors.ts';
import { classifyFailure, type Failure } from '../failure/failure.ts';
import type { TellOutcome } from '../state/circuit-breaker.ts';
import { decideAction } from './action.ts';
import { earlier, type Limit } from './alarm.ts';
import { type Attempt, type Call, openAttempt } from './attempt.ts';

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
  /** Nobody is left behind this candidate, so no limit but the total may cut it. */
  readonly isLast: () => boolean;
}) => Promise<{ readonly answer: ANSWER; readonly refusal?: unknown }>;

/** Asks one candidate, again where its failure is worth it, until it answers or its turn is over. */
export async function tryStep<ANSWER>(turn: Turn<ANSWER>): Promise<StepEnd<ANSWER>> {
  const { call, step } = turn;
  const tellBreaker = call.state.breakers.of(step.candidate.identity).begin(call.clock.now());
  try {
    return await ask({ ...turn, tellBreaker });
  } catch (error) {
    // Only an abort ends a turn like this.
    tellBreaker('abort');
    throw error;
  }
}

type Turn<ANSWER> = {
  readonly call: Call;
  readonly step: Step;
  readonly type: CallType;
  readonly send: Send<ANSWER>;
  readonly signal: AbortSignal | undefined;
  /** Collects every failed attempt of the call. */
  readonly failed: FailedAttempt[];
  readonly isLast: () => boolean;
};

async function ask<ANSWER>({
  call,
  step: { candidate, maxAttempts },
  type,
  send,
  signal,
  failed,
  isLast,
  tellBreaker,
}: Turn<ANSWER> & { readonly tellBreaker: TellOutcome }): Promise<StepEnd<ANSWER>> {
  const ofCall: Limit = { name: 'totalMs', limitMs: call.totalMs, dueAtMs: call.startedAtMs + call.totalMs };
  const ownMs = candidate.timeouts.totalMs;
  const ofStep: Limit = {
    name: 'totalMs',
    limitMs: ownMs,
    dueAtMs: ownMs + (ownMs === Number.POSITIVE_INFINITY ? 0 : call.clock.now()),
  };
  const total = earlier({ one: ofCall, other: ofStep });

  const { provider } = candidate.model;
  const classify = (error: unknown) => classifyFailure({ error, nowMs: call.clock.now(), provider });

  for (let candidateAttempt = 1; ; candidateAttempt++) {
    if (signal?.aborted) throw signal.reason;
    const attempt = openAttempt({ call, candidate, type, total, signal, tellBreaker });
    let failure: Failure;
    let refused: { readonly answer: ANSWER } | undefined;
    try {
      const { answer, refusal } = await send({ attempt, isLast });
      if (refusal === undefined) return { type: 'answer', answer };
      failure = classify(refusal);
      refused = { answer };
    } catch (error) {
      // Whatever the provider made of the abort, an abort is no failure.
      if (signal?.aborted) {
        attempt.end({ outcome: 'abort' });
        throw signal.reason;
      }
      failure = classify(error);
    }
    attempt.end({ outcome: 'failure', failure });
    failed.push(describe({ attempt, failure }));

    const action = decideAction({
      failure,
      context: { task: call.task, candidate: candidate.name, attemptNumber: attempt.record.attemptNumber },
      conditions: call.conditions,
      candidateAttempt,
      maxAttempts,
      durationMs: call.clock.now() - attempt.startedAtMs,
      isLast: isLast(),
      retriesAllowed: call.state.retryBudget.allows(),
      backoff: call.backoff,
      random: call.random,
      tellProblem: call.warn,
    });
    const nowMs = call.clock.now();
    if (action.type === 'retry' && nowMs + action.delayMs < total.dueAtMs) {
      await delay({ clock: call.clock, delayMs: action.delayMs, signal });
      continue;
    }
    // Once a turn, or one request that is refused again and again would open it alone.
    tellBreaker(failure);
    if (nowMs >= ofCall.dueAtMs) return { type: 'stop', reason: `totalMs of ${call.totalMs} ms ran out` };
    if (action.type === 'stop') return refused === undefined ? action : { type: 'answer', ...refused };
    return { type: 'fall-back' };
  }
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
