import type { FailedAttempt } from '../failure/failed-attempt.ts';
import { classifyFailure, type Failure } from '../failure/failure.ts';
import { type Action, decideAction } from './action.ts';
import { askAboutFailure } from './ask-about-failure.ts';
import type { Attempt } from './attempt.ts';
import { endAttempt } from './open-attempt.ts';
import { isLast, type Run, type Turn } from './step.ts';
import { better, type Withheld } from './withheld.ts';

/** What follows a failed attempt, once it is booked. */
export function afterFailure<ANSWER>({
  run,
  turn: { step, total, tellBreaker },
  attempt,
  problem,
  withheld,
  candidateAttempt,
}: {
  readonly run: Run<ANSWER>;
  readonly turn: Turn;
  readonly attempt: Attempt;
  readonly problem: unknown;
  /** The answer that counts as this failure, where there is one. */
  readonly withheld: Withheld<ANSWER> | undefined;
  readonly candidateAttempt: number;
}): Action & { readonly isOutOfTime?: true } {
  const { call } = run;
  const { candidate, maxAttempts } = step;
  const { provider } = candidate.model;
  const failure = classifyFailure({ error: problem, nowMs: call.clock.now(), provider });
  endAttempt({ attempt, end: { outcome: 'failure', failure } });
  run.failed.push(describe({ attempt, failure }));

  if (withheld !== undefined) {
    run.best = better({ kept: run.best, attempt, withheld });
    run.whenKept?.();
  }

  const { verdict } = withheld?.ruling ?? { verdict: askAboutFailure({ attempt, failure }) };
  const action = decideAction({
    failure,
    verdict,
    candidateAttempt,
    maxAttempts,
    durationMs: call.clock.now() - attempt.startedAtMs,
    isLast: isLast(run),
    retriesAllowed: call.state.retryBudget.allows(),
    backoff: call.backoff,
    random: call.random,
  });
  const nowMs = call.clock.now();
  if (action.type === 'retry' && nowMs + action.delayMs < total.dueAtMs) return action;
  // Once a turn, or one request that is refused again and again would open it alone. A judgement takes no proof back.
  if (withheld === undefined || !attempt.isProven) tellBreaker(failure);
  if (nowMs >= call.startedAtMs + call.totalMs)
    return { type: 'stop', reason: `totalMs of ${call.totalMs} ms ran out`, isOutOfTime: true };
  return action.type === 'stop' ? action : { type: 'fall-back' };
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
