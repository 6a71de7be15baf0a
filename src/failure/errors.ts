import { AISDKError } from 'ai';
import type { CostTotal } from '../cost/total/total.ts';
import { describeAttempts, mostTelling } from './describe-attempts.ts';
import type { FailedAttempt } from './failed-attempt.ts';
import type { FailureKind } from './failure-kind.ts';
import { hide, LoggableError } from './loggable-error.ts';

const routeExhaustedMarker = 'ai-composite.error.RouteExhaustedError';
const attemptTimeoutMarker = 'ai-composite.error.AttemptTimeoutError';
const invalidAnswerMarker = 'ai-composite.error.InvalidAnswerError';
const streamInterruptedMarker = 'ai-composite.error.StreamInterruptedError';
const hedgeLostMarker = 'ai-composite.error.HedgeLostError';
const routeExhaustedSymbol = Symbol.for(routeExhaustedMarker);
const attemptTimeoutSymbol = Symbol.for(attemptTimeoutMarker);
const invalidAnswerSymbol = Symbol.for(invalidAnswerMarker);
const streamInterruptedSymbol = Symbol.for(streamInterruptedMarker);
const hedgeLostSymbol = Symbol.for(hedgeLostMarker);

/**
 * No candidate of the route answered.
 *
 * Not a retryable `APICallError`, so the SDK's `maxRetries` does not run the whole route again. `cause` is the last
 * attempt's error, `statusCode` the most telling one, `attempts` has every attempt with its error. The message has a line for
 * each candidate: the failure kinds, statuses and codes of its attempts, and the SDK's own sentence where a key or a setting
 * is missing. What a provider wrote stays in the errors, which consoles, JSON and loggers do not print.
 */
export class RouteExhaustedError extends LoggableError {
  private readonly [routeExhaustedSymbol] = true;

  readonly callId: string;
  readonly task: string;
  readonly attempts: ReadonlyArray<FailedAttempt>;
  readonly statusCode?: number;
  /** What all attempts cost together. */
  readonly cost: CostTotal;
  /** Always false: everything worth trying again has been tried. */
  readonly isRetryable = false;

  constructor({
    callId,
    task,
    attempts,
    cost,
    reason,
    warnings = [],
  }: {
    readonly callId: string;
    readonly task: string;
    readonly attempts: ReadonlyArray<FailedAttempt>;
    readonly cost: CostTotal;
    /** Why nothing more was tried, as the end of a sentence; default: no candidate is left. */
    readonly reason?: string;
    /** Warnings of routing, which nobody else tells where there is no result. */
    readonly warnings?: ReadonlyArray<string>;
  }) {
    super({
      name: 'RouteExhaustedError',
      message: [
        `No answer for task "${task}": ${reason ?? 'no candidate is left'}.`,
        ...describeAttempts(attempts),
        ...warnings,
      ].join('\n'),
      cause: attempts.at(-1)?.error,
    });
    this.callId = callId;
    this.task = task;
    this.attempts = attempts.map(({ error, ...facts }) => withError({ facts, error }));
    this.cost = cost;
    const statusCode = mostTelling(attempts)?.statusCode;
    if (statusCode !== undefined) this.statusCode = statusCode;
  }

  /** Tells it by its marker, also across two installed versions of this package. */
  static override isInstance(error: unknown): error is RouteExhaustedError {
    return AISDKError.hasMarker(error, routeExhaustedMarker);
  }
}

/** An attempt made no progress within a time limit, or the call's total time was over. */
export class AttemptTimeoutError extends LoggableError {
  private readonly [attemptTimeoutSymbol] = true;

  readonly candidate: string;
  /** The setting that ran out. */
  readonly limit: 'totalMs' | 'attemptMs' | 'firstChunkMs' | 'chunkMs' | 'unreadMs';
  readonly limitMs: number;

  constructor({
    candidate,
    limit,
    limitMs,
  }: {
    readonly candidate: string;
    readonly limit: AttemptTimeoutError['limit'];
    readonly limitMs: number;
  }) {
    super({
      name: 'AttemptTimeoutError',
      message:
        limit === 'unreadMs'
          ? `${candidate} was cut off: nobody read its answer for ${limitMs} ms (unreadMs).`
          : `${candidate} was cut off: ${limit} of ${limitMs} ms ran out.`,
    });
    this.candidate = candidate;
    this.limit = limit;
    this.limitMs = limitMs;
  }

  /** Tells it by its marker, also across two installed versions of this package. */
  static override isInstance(error: unknown): error is AttemptTimeoutError {
    return AISDKError.hasMarker(error, attemptTimeoutMarker);
  }
}

/** A provider answered, but with nothing that is an answer: empty, broken off, refused, or invalid as asked for. */
export class InvalidAnswerError extends LoggableError {
  private readonly [invalidAnswerSymbol] = true;

  readonly kind: FailureKind;
  /**
   * The judgement of the route that it failed: `empty-answer`, `refusal`, `cut-by-length`, `invalid-tool-call`,
   * `invalid-output`, or the name of an `isAnswer()`; several are joined by `+`. Says nothing about the candidate's health.
   */
  readonly code?: string;

  constructor({
    kind,
    message,
    code,
    cause,
  }: {
    readonly kind: FailureKind;
    readonly message: string;
    readonly code?: string;
    readonly cause?: unknown;
  }) {
    super({ name: 'InvalidAnswerError', message, cause });
    if (code !== undefined) this.code = code;
    this.kind = kind;
  }

  /** Tells it by its marker, also across two installed versions of this package. */
  static override isInstance(error: unknown): error is InvalidAnswerError {
    return AISDKError.hasMarker(error, invalidAnswerMarker);
  }
}

/**
 * A stream broke after its first output had reached the consumer: the text so far is not the whole answer. It comes as the
 * stream's `error` part; `cause` is what the provider package said. With `streamRetries` the SDK asks again, and another
 * candidate is asked first then.
 */
export class StreamInterruptedError extends LoggableError {
  private readonly [streamInterruptedSymbol] = true;

  readonly candidate: string;
  readonly failureKind: FailureKind;
  /** The HTTP status that the provider put on what broke it; left out where there was none. */
  readonly statusCode?: number;
  /**
   * True where asking again may bring an answer: from the next candidate, or from the same one where its failure may pass. For
   * `onError`: `({ error }) => ({ retry: error.isRetryable })`.
   */
  readonly isRetryable: boolean;
  /** What all attempts cost together, this one included; the rest of the answer is not in it. */
  readonly cost?: CostTotal;

  constructor({
    candidate,
    failureKind,
    statusCode,
    isRetryable = true,
    cause,
    cost,
  }: {
    readonly candidate: string;
    readonly failureKind: FailureKind;
    readonly statusCode?: number | undefined;
    readonly isRetryable?: boolean;
    readonly cause: unknown;
    readonly cost?: CostTotal | undefined;
  }) {
    // Which limit it was, is ours to say; what a provider says stays in the cause.
    const limit = AttemptTimeoutError.isInstance(cause) ? ` ${cause.message}` : '';
    super({
      name: 'StreamInterruptedError',
      message: `The answer of ${candidate} broke off after its first output (${failureKind}); it is not complete.${limit}`,
      cause,
    });
    this.candidate = candidate;
    this.failureKind = failureKind;
    this.isRetryable = isRetryable;
    if (statusCode !== undefined) this.statusCode = statusCode;
    if (cost !== undefined) this.cost = cost;
  }

  /** Tells it by its marker, also across two installed versions of this package. */
  static override isInstance(error: unknown): error is StreamInterruptedError {
    return AISDKError.hasMarker(error, streamInterruptedMarker);
  }
}

/** The reason with which a hedged attempt is aborted when the other one commits first. */
export class HedgeLostError extends LoggableError {
  private readonly [hedgeLostSymbol] = true;

  constructor() {
    super({ name: 'HedgeLostError', message: 'Another candidate of the hedge answered first.' });
  }

  /** Tells it by its marker, also across two installed versions of this package. */
  static override isInstance(error: unknown): error is HedgeLostError {
    return AISDKError.hasMarker(error, hedgeLostMarker);
  }
}

function withError({
  facts,
  error,
}: {
  readonly facts: Omit<FailedAttempt, 'error'>;
  readonly error: unknown;
}): FailedAttempt {
  // The property is there, only not in sight.
  return hide({ on: facts, key: 'error', value: error }) as FailedAttempt;
}
