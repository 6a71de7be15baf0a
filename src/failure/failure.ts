import {
  APICallError,
  EmptyResponseBodyError,
  InvalidArgumentError,
  InvalidPromptError,
  InvalidResponseDataError,
  JSONParseError,
  NoContentGeneratedError,
  NoSuchModelError,
  NoSuchProviderReferenceError,
  TypeValidationError,
  UnsupportedFunctionalityError,
} from 'ai';
import { lacksCredentials } from '../provider/missing-credentials.ts';
import { BudgetExceededError } from './budget-exceeded-error.ts';
import { meaningOfCodes, meaningOfNetworkCode, meaningOfStatus } from './codes/look-up.ts';
import type { FailureSubject, Meaning } from './codes/meaning.ts';
import { meaningOfSentence } from './codes/sentences.ts';
import {
  AttemptTimeoutError,
  InvalidAnswerError,
  RouteExhaustedError,
  StreamInterruptedError,
} from './errors.ts';
import { causesOf, type Facts, readFacts } from './failure-facts.ts';
import type { FailureKind } from './failure-kind.ts';
import { readRetryAfter } from './retry-after.ts';

/** What is known of a failed attempt: its kind, and the facts the kind was told from. */
export type Failure = {
  readonly kind: FailureKind;
  /** What the provider package threw or streamed, untouched. */
  readonly error: unknown;
  readonly statusCode?: number;
  /** The provider's own code for it, such as `insufficient_quota`, or the judgement that the answer failed. */
  readonly code?: string;
  /**
   * What the provider says it is about: `candidate` where it names its key, account or model, `request` where it names
   * something of this request; absent where it names neither. Only `candidate` opens a circuit breaker at once.
   */
  readonly about?: FailureSubject;
  /** How long the provider asks to wait, as `readRetryAfter` finds it; not bounded. */
  readonly retryAfterMs?: number;
};

/**
 * Tells the kind of a failure from structured facts: our own error classes, provider codes, HTTP status, error classes
 * of the AI SDK, codes of the network stack. `provider` is the model's, such as `groq.chat`: the same code can mean
 * different things at different providers. Never throws.
 */
export function classifyFailure({
  error,
  nowMs,
  provider = '',
}: {
  readonly error: unknown;
  readonly nowMs: number;
  readonly provider?: string;
}): Failure {
  if (AttemptTimeoutError.isInstance(error)) return { kind: 'timeout', error };
  if (InvalidAnswerError.isInstance(error)) return ofInvalidAnswer({ error, nowMs, provider });
  if (StreamInterruptedError.isInstance(error))
    return {
      kind: error.failureKind,
      error,
      ...(error.statusCode !== undefined && { statusCode: error.statusCode }),
    };
  // Of a composite that is a candidate: nobody was asked, so it says nothing about anybody's health.
  if (BudgetExceededError.isInstance(error)) return { kind: 'quota', error, about: 'request' };
  if (RouteExhaustedError.isInstance(error)) return ofNestedRoute({ error, nowMs });

  const facts = factsOf(error);
  if (facts === undefined) return { kind: 'unknown', error };
  const retryAfterMs = readRetryAfter({ ...facts, nowMs });
  return {
    ...tellMeaning({ error, facts, provider }),
    error,
    ...(facts.statusCode !== undefined && { statusCode: facts.statusCode }),
    ...(facts.codes[0] !== undefined && { code: facts.codes[0] }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
}

/** An error may be anything, also an object whose getters throw; the attempt must end all the same. */
function factsOf(error: unknown): Facts | undefined {
  try {
    return readFacts(error);
  } catch {
    return undefined;
  }
}

function ofInvalidAnswer({
  error,
  nowMs,
  provider,
}: {
  readonly error: InvalidAnswerError;
  readonly nowMs: number;
  readonly provider: string;
}): Failure {
  // A check that the route asked for: it may only mean that no model can pass it.
  if (error.code !== undefined) return { kind: error.kind, error, code: error.code, about: 'request' };
  const cause =
    error.cause === undefined ? undefined : classifyFailure({ error: error.cause, nowMs, provider });
  // "The stream failed" says less than the provider's own code inside it.
  return cause === undefined || cause.kind === 'unknown' ? { kind: error.kind, error } : { ...cause, error };
}

/** It is about the candidate, or the request, where each of its attempts is. */
function ofNestedRoute({
  error,
  nowMs,
}: {
  readonly error: RouteExhaustedError;
  readonly nowMs: number;
}): Failure {
  // Nobody was asked, since the limits of all are used up.
  if (error.attempts.length === 0) return { kind: 'rate-limit', error, about: 'request' };
  const [first, ...others] = error.attempts.map(
    attempt => classifyFailure({ error: attempt.error, nowMs, provider: attempt.provider }).about,
  );
  const about = others.every(other => other === first) ? first : undefined;
  return {
    kind: error.attempts.at(-1)?.failureKind ?? 'unknown',
    error,
    ...(about !== undefined && { about }),
    ...(error.statusCode !== undefined && { statusCode: error.statusCode }),
  };
}

function tellMeaning({
  error,
  facts,
  provider,
}: {
  readonly error: unknown;
  readonly facts: Facts;
  readonly provider: string;
}): Meaning {
  if (facts.flagged) return { kind: 'content-filter' };
  const { codes, statusCode, param } = facts;
  const meaning =
    meaningOfSentence(facts) ??
    meaningOfCodes({ codes, statusCode, source: `${provider.toLowerCase()} ${facts.source}` }) ??
    meaningOfStatus({ codes, statusCode }) ??
    meaningOfNetworkCode(codes) ??
    meaningOfErrorClass(error);
  if (meaning.kind === 'rate-limit' && facts.dailyQuota) return { kind: 'quota', about: 'candidate' };
  const isVague = meaning.about === undefined && (meaning.kind === 'not-found' || meaning.kind === 'auth');
  // An item, a file or a parameter of this one request: the candidate is well.
  if (isVague && (param !== undefined || codes.some(code => code.endsWith('_not_found'))))
    return { kind: 'invalid-request', about: 'request' };
  return meaning;
}

function meaningOfErrorClass(error: unknown): Meaning {
  if (lacksCredentials(error)) return { kind: 'auth', about: 'candidate' };
  if (APICallError.isInstance(error) && error.responseBody === '') return { kind: 'empty' };
  for (const cause of causesOf(error)) {
    if (NoSuchModelError.isInstance(cause)) return { kind: 'not-found', about: 'candidate' };
    const kind = kindOfClass(cause);
    if (kind !== undefined) return { kind };
  }
  // The SDK marks a request that never got a response as retryable and gives it no status.
  const isLost = APICallError.isInstance(error) && error.statusCode === undefined && error.isRetryable;
  return { kind: isLost ? 'network' : 'unknown' };
}

function kindOfClass(error: unknown): FailureKind | undefined {
  if (EmptyResponseBodyError.isInstance(error) || NoContentGeneratedError.isInstance(error)) return 'empty';
  if (JSONParseError.isInstance(error) || TypeValidationError.isInstance(error)) return 'malformed-response';
  if (InvalidResponseDataError.isInstance(error)) return 'malformed-response';
  if (UnsupportedFunctionalityError.isInstance(error) || NoSuchProviderReferenceError.isInstance(error))
    return 'unsupported';
  if (InvalidPromptError.isInstance(error) || InvalidArgumentError.isInstance(error))
    return 'invalid-request';
  // A time limit inside the user's own fetch, and a connection closed under the provider package.
  if (error instanceof Error && error.name === 'TimeoutError') return 'timeout';
  if (error instanceof Error && error.name === 'AbortError') return 'network';
  return undefined;
}
