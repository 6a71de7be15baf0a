import type { Failure } from '../failure/failure.ts';
import type { FailureKind } from '../failure/failure-kind.ts';
import { type BackoffSettings, backoffMs } from './backoff.ts';
import type { Verdict } from './conditions/condition.ts';

/** What the loop does after a failure. */
export type Action =
  | { readonly type: 'retry'; readonly delayMs: number }
  | { readonly type: 'fall-back' }
  | { readonly type: 'stop'; readonly reason: string };

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

/** Decides what follows a failure. Pure. */
export function decideAction({
  failure,
  verdict,
  candidateAttempt,
  maxAttempts,
  durationMs,
  isLast,
  retriesAllowed,
  backoff,
  random,
}: {
  readonly failure: Failure;
  /** What the route's conditions said. */
  readonly verdict: Verdict;
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
}): Action {
  if (verdict === true) return { type: 'fall-back' };
  if (verdict === false)
    return { type: 'stop', reason: `fallbackWhen does not fall back on ${failure.kind}` };
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
