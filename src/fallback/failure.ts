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
    // "The stream failed" says less than the provider's own code inside it.
    return cause === undefined || cause.kind === 'unknown'
      ? { kind: error.kind, error }
      : { ...cause, error };
  }
  if (StreamInterruptedError.isInstance(error)) return { kind: error.failureKind, error };
  if (RouteExhaustedError.isInstance(error)) return ofNestedRoute(error);

  const facts = readFacts(error);
  const retryAfterMs = readRetryAfter({ headers: facts.headers, details: facts.details, nowMs });
  return {
    kind: tellKind({ error, facts }),
    error,
    ...(facts.statusCode !== undefined && { statusCode: facts.statusCode }),
    ...(facts.codes[0] !== undefined && { code: facts.codes[0] }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
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

type Facts = {
  readonly statusCode: number | undefined;
  /** Lower case, the most specific first. */
  readonly codes: ReadonlyArray<string>;
  readonly message: string | undefined;
  readonly headers: Readonly<Record<string, string>> | undefined;
  readonly details: ReadonlyArray<unknown>;
  readonly dailyQuota: boolean;
};

function readFacts(error: unknown): Facts {
  const codes: string[] = [];
  let statusCode: number | undefined;
  let headers: Readonly<Record<string, string>> | undefined;
  const details: unknown[] = [];
  let message: string | undefined;

  for (const cause of causesOf(error)) {
    if (APICallError.isInstance(cause)) {
      headers ??= cause.responseHeaders;
      statusCode ??= cause.statusCode;
    }
    for (const body of bodiesOf(cause)) {
      const status = httpStatusOf(body.statusCode) ?? httpStatusOf(body.status) ?? httpStatusOf(body.code);
      // A body that names an error inside a 200 is an error.
      if (status !== undefined && (statusCode === undefined || statusCode < 400)) statusCode = status;
      if (Array.isArray(body.details)) details.push(...body.details);
      collectCodes({ body, codes });
      if (message === undefined && typeof body.message === 'string' && body !== cause) message = body.message;
    }
    // The error itself is the body in a stream's error part, where it is a plain object.
    if (message === undefined && isRecord(cause) && !(cause instanceof Error)) {
      const text = cause.message;
      if (typeof text === 'string') message = text;
    }
  }
  return { statusCode, codes, message, headers, details, dailyQuota: details.some(isDailyQuota) };
}

function collectCodes({
  body,
  codes,
}: {
  readonly body: Record<string, unknown>;
  readonly codes: string[];
}): void {
  const inner = isRecord(body.innererror) ? body.innererror.code : undefined;
  const reasons = Array.isArray(body.details)
    ? body.details.map(detail => (isRecord(detail) ? detail.reason : undefined))
    : [];
  const ownDetails = isRecord(body.details) ? body.details.error_code : undefined;
  for (const code of [...reasons, inner, ownDetails, body.code, body.status, body.type]) {
    // A code is a word; anything else could be a piece of a prompt, and codes are shown in messages.
    if (typeof code === 'string' && code !== 'error' && /^[\w.-]{1,64}$/.test(code))
      codes.push(code.toLowerCase());
  }
}

/** The error, what it carries, and the `error` objects inside, from the innermost out. */
function bodiesOf(cause: unknown): ReadonlyArray<Record<string, unknown>> {
  if (!isRecord(cause)) return [];
  const carried = [cause.data, parseBody(cause.responseBody), cause.value, cause].filter(isRecord);
  return carried.flatMap(body => {
    const response = isRecord(body.response) ? body.response.error : undefined;
    return [response, body.error, body].filter(isRecord);
  });
}

function parseBody(body: unknown): unknown {
  // OpenAI's Responses client puts the parsed body there.
  if (isRecord(body)) return body;
  if (typeof body !== 'string' || body.length > 100_000) return undefined;
  try {
    const parsed: unknown = JSON.parse(body);
    // Gemini wraps the error of a failed stream request in a list.
    return Array.isArray(parsed) ? parsed[0] : parsed;
  } catch {
    return undefined;
  }
}

/** The error and its causes, outermost first; five deep, for a cause may be a circle. */
function causesOf(error: unknown): ReadonlyArray<unknown> {
  const causes: unknown[] = [];
  for (let current = error; current != null && causes.length < 5; ) {
    causes.push(current);
    current = isRecord(current) ? current.cause : undefined;
  }
  return causes;
}

/** Google's daily allowance comes as the same RESOURCE_EXHAUSTED as a minute's; only the violated quota's id tells. */
function isDailyQuota(detail: unknown): boolean {
  if (!isRecord(detail) || !Array.isArray(detail.violations)) return false;
  return detail.violations.some(
    violation =>
      isRecord(violation) && typeof violation.quotaId === 'string' && violation.quotaId.includes('PerDay'),
  );
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

function httpStatusOf(value: unknown): number | undefined {
  const status = typeof value === 'string' && /^\d{3}$/.test(value) ? Number(value) : value;
  return typeof status === 'number' && Number.isInteger(status) && status >= 100 && status <= 599
    ? status
    : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
