import { describeAnswer, errorName, settleQuietly } from '../boundary/callback.ts';
import type { Failure } from '../failure/failure.ts';
import type { FailureKind } from '../failure/failure-kind.ts';
import { type BackoffSettings, backoffMs } from './backoff.ts';

/** What a condition sees of a failed attempt. */
export type FailureContext = {
  readonly task: string;
  readonly candidate: string;
  /** 1-based across the call. */
  readonly attemptNumber: number;
};

/**
 * Decides whether a failure falls back: `true` does, without asking the same candidate again; `false` ends the call;
 * `undefined` leaves it to the default action of the failure's kind.
 */
export type FallbackCondition = ((failure: Failure, context: FailureContext) => boolean | undefined) & {
  /** What must be checked of an answer before its first part may go out; set by `isInvalidToolCall()` and `isInvalidOutput()`. */
  readonly inspects?: 'tool-calls' | 'output';
};

/** What the loop does after a failure. */
export type Action =
  | { readonly type: 'retry'; readonly delayMs: number }
  | { readonly type: 'fall-back' }
  | { readonly type: 'stop'; readonly reason: string };

/** What is wrong with a condition that gave no verdict; the call goes on as if it had said nothing. */
type TellProblem = (problem: string) => void;

/** The default action of each kind; the README's table is this one. */
const defaultActions: Readonly<Record<FailureKind, 'retry' | 'wait' | 'fall-back' | 'stop'>> = {
  server: 'retry',
  overloaded: 'retry',
  network: 'retry',
  'rate-limit': 'wait',
  timeout: 'fall-back',
  auth: 'fall-back',
  quota: 'fall-back',
  'not-found': 'fall-back',
  'context-length': 'fall-back',
  'content-filter': 'stop',
  'invalid-request': 'fall-back',
  'malformed-response': 'fall-back',
  empty: 'fall-back',
  unsupported: 'fall-back',
  unknown: 'fall-back',
};

/** What took longer to fail is no blip: asked again, it would keep the caller waiting as long once more. */
const patienceMs = 10_000;

/** Decides what follows a failure. Pure but for the conditions, which are the user's and may throw. */
export function decideAction({
  failure,
  context,
  conditions,
  candidateAttempt,
  maxAttempts,
  durationMs,
  isLast,
  retriesAllowed,
  backoff,
  random,
  tellProblem,
}: {
  readonly failure: Failure;
  readonly context: FailureContext;
  readonly conditions: ReadonlyArray<FallbackCondition>;
  /** How many attempts this candidate has had in this call. */
  readonly candidateAttempt: number;
  readonly maxAttempts: number;
  /** How long the attempt took. */
  readonly durationMs: number;
  /** Nobody is left behind this candidate. */
  readonly isLast: boolean;
  readonly retriesAllowed: boolean;
  readonly backoff: BackoffSettings;
  readonly random: () => number;
  readonly tellProblem: TellProblem;
}): Action {
  for (const condition of conditions) {
    const verdict = verdictOf({ condition, failure, context, tellProblem });
    if (verdict === true) return { type: 'fall-back' };
    if (verdict === false)
      return { type: 'stop', reason: `fallbackWhen does not fall back on ${failure.kind}` };
  }
  const action = defaultActions[failure.kind];
  if (action === 'stop')
    return { type: 'stop', reason: `a ${failure.kind} failure is surfaced, not routed around` };

  const { retryAfterMs } = failure;
  const isShortWait =
    retryAfterMs === undefined
      ? action === 'retry' && (isLast || durationMs < patienceMs)
      : retryAfterMs <= backoff.maxRetryAfterMs;
  if (action === 'fall-back' || !isShortWait || candidateAttempt >= maxAttempts || !retriesAllowed)
    return { type: 'fall-back' };
  return {
    type: 'retry',
    delayMs: backoffMs({ retry: candidateAttempt, retryAfterMs, settings: backoff, random }),
  };
}

function verdictOf({
  condition,
  failure,
  context,
  tellProblem,
}: {
  readonly condition: FallbackCondition;
  readonly failure: Failure;
  readonly context: FailureContext;
  readonly tellProblem: TellProblem;
}): boolean | undefined {
  let verdict: unknown;
  try {
    verdict = condition(failure, context);
  } catch (error) {
    tellProblem(`A condition of fallbackWhen failed (${errorName(error)}); it decided nothing.`);
    return undefined;
  }
  if (typeof verdict === 'boolean' || verdict === undefined) return verdict;
  settleQuietly(verdict);
  tellProblem(
    `A condition of fallbackWhen answered ${describeAnswer(verdict)}, not true, false or undefined; it decided nothing.`,
  );
  return undefined;
}
