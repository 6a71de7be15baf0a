import {
  APICallError,
  EmptyResponseBodyError,
  InvalidArgumentError,
  InvalidPromptError,
  InvalidResponseDataError,
  JSONParseError,
  LoadAPIKeyError,
  LoadSettingError,
  NoContentGeneratedError,
  NoSuchModelError,
  NoSuchProviderReferenceError,
  TypeValidationError,
  UnsupportedFunctionalityError,
} from '@ai-sdk/provider';
import {
  AttemptTimeoutError,
  InvalidAnswerError,
  RouteExhaustedError,
  StreamInterruptedError,
} from '../errors.ts';
import type { FailureKind } from '../failure-kind.ts';
import {
  genericCodes,
  kindOfStatus,
  networkCodes,
  sentencesWithoutCode,
  specificCodes,
} from './failure-codes.ts';
import { causesOf, type Facts, readFacts } from './failure-facts.ts';
import { readRetryAfter } from './retry-after.ts';

/** What is known of a failed attempt: its kind, and the facts the kind was told from. */
export type Failure = {
  readonly kind: FailureKind;
  /** What the provider package threw or streamed, untouched. */
  readonly error: unknown;
  readonly statusCode?: number;
  /** The provider's own code for it, such as `insufficient_quota`. */
  readonly code?: string;
  /** How long the provider asks to wait, from `retry-after-ms`, `retry-after` or Google's `RetryInfo`. */
  readonly retryAfterMs?: number;
};

/**
 * Tells the kind of a failure from structured facts: our own error classes, provider codes, HTTP status, error classes
 * of the AI SDK, codes of the network stack. Never throws.
 */
export function classifyFailure({
  error,
  nowMs,
}: {
  readonly error: unknown;
  readonly nowMs: number;
}): Failure {
  if (AttemptTimeoutError.isInstance(error)) return { kind: 'timeout', error };
  if (InvalidAnswerError.isInstance(error)) {
    const cause = error.cause === undefined ? undefined : classifyFailure({ error: error.cause, nowMs });
    if (error.code !== undefined) return { kind: error.kind, error, code: error.code };
    // "The stream failed" says less than the provider's own code inside it.
    return cause === undefined || cause.kind === 'unknown'
      ? { kind: error.kind, error }
      : { ...cause, error };
  }
  if (StreamInterruptedError.isInstance(error)) return { kind: error.failureKind, error };
  if (RouteExhaustedError.isInstance(error)) return ofNestedRoute(error);

  const facts = factsOf(error);
  if (facts === undefined) return { kind: 'unknown', error };
  const retryAfterMs = readRetryAfter({ headers: facts.headers, details: facts.details, nowMs });
  return {
    kind: tellKind({ error, facts }),
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

function ofNestedRoute(error: RouteExhaustedError): Failure {
  const last = error.attempts.at(-1);
  return {
    kind: last?.failureKind ?? 'unknown',
    error,
    ...(error.statusCode !== undefined && { statusCode: error.statusCode }),
  };
}

function tellKind({ error, facts }: { readonly error: unknown; readonly facts: Facts }): FailureKind {
  const specific = lookUp({ table: specificCodes, codes: facts.codes });
  if (specific === 'rate-limit' && facts.dailyQuota) return 'quota';
  if (specific !== undefined) return specific;

  const fromStatus = facts.statusCode === undefined ? undefined : kindOfStatus(facts.statusCode);
  const kind = fromStatus ?? lookUp({ table: genericCodes, codes: facts.codes });
  if (kind === 'invalid-request') return kindOfSentence(facts) ?? kind;
  return kind ?? kindOfErrorClass({ error, codes: facts.codes });
}

function kindOfSentence(facts: Facts): FailureKind | undefined {
  return sentencesWithoutCode.find(
    ({ code, sentence }) =>
      facts.codes.includes(code) && facts.message !== undefined && sentence.test(facts.message),
  )?.kind;
}

function kindOfErrorClass({
  error,
  codes,
}: {
  readonly error: unknown;
  readonly codes: ReadonlyArray<string>;
}): FailureKind {
  const network = lookUp({ table: networkCodes, codes });
  if (network !== undefined) return network;
  if (APICallError.isInstance(error) && error.responseBody === '') return 'empty';
  for (const cause of causesOf(error)) {
    const kind = kindOfClass(cause);
    if (kind !== undefined) return kind;
  }
  // The SDK marks a request that never got a response as retryable and gives it no status.
  return APICallError.isInstance(error) && error.statusCode === undefined && error.isRetryable
    ? 'network'
    : 'unknown';
}

function kindOfClass(error: unknown): FailureKind | undefined {
  if (EmptyResponseBodyError.isInstance(error) || NoContentGeneratedError.isInstance(error)) return 'empty';
  if (JSONParseError.isInstance(error) || TypeValidationError.isInstance(error)) return 'malformed-response';
  if (InvalidResponseDataError.isInstance(error)) return 'malformed-response';
  if (LoadAPIKeyError.isInstance(error) || LoadSettingError.isInstance(error)) return 'auth';
  if (UnsupportedFunctionalityError.isInstance(error) || NoSuchProviderReferenceError.isInstance(error))
    return 'unsupported';
  if (NoSuchModelError.isInstance(error)) return 'not-found';
  if (InvalidPromptError.isInstance(error) || InvalidArgumentError.isInstance(error))
    return 'invalid-request';
  // A time limit inside the user's own fetch, and a connection closed under the provider package.
  if (error instanceof Error && error.name === 'TimeoutError') return 'timeout';
  if (error instanceof Error && error.name === 'AbortError') return 'network';
  return undefined;
}

function lookUp({
  table,
  codes,
}: {
  readonly table: Readonly<Record<string, FailureKind>>;
  readonly codes: ReadonlyArray<string>;
}): FailureKind | undefined {
  for (const code of codes) if (Object.hasOwn(table, code)) return table[code];
  return undefined;
}
