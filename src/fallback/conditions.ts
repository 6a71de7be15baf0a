import { refuse } from '../boundary/check.ts';
import { type FailureKind, failureKinds } from '../failure/failure-kind.ts';
import type { FallbackCondition } from './action.ts';

/**
 * Falls back when the failure is of one of these kinds; says nothing about others. Throws `InvalidArgumentError` on a kind
 * that there is not.
 */
export function isKind(...kinds: ReadonlyArray<FailureKind>): FallbackCondition {
  const isKnown = (kind: FailureKind) => failureKinds.includes(kind);
  if (kinds.length === 0 || !kinds.every(isKnown))
    refuse({
      path: ['isKind'],
      value: kinds.find(kind => !isKnown(kind)),
      problem: `takes failure kinds: ${failureKinds.join(', ')}`,
    });
  return failure => (kinds.includes(failure.kind) ? true : undefined);
}

/** Falls back when a provider refused for its content policy, which by default ends the call. */
export const isContentFilter = (): FallbackCondition => isKind('content-filter');

/** Falls back when the conversation is too long for the candidate. */
export const isContextLength = (): FallbackCondition => isKind('context-length');

/** Falls back when a time limit ran out. */
export const isTimeout = (): FallbackCondition => isKind('timeout');

/** Falls back at once on a rate limit, also where the provider asks for a short wait only. */
export const isRateLimit = (): FallbackCondition => isKind('rate-limit');

/** Falls back at once, without a second attempt, when a provider is overloaded. */
export const isOverloaded = (): FallbackCondition => isKind('overloaded');

/** Falls back at once, without a second attempt, on a provider's internal error. */
export const isServerError = (): FallbackCondition => isKind('server');

/**
 * Falls back when an answer calls a tool that does not exist, or with arguments that are no JSON or do not match the tool's
 * schema. Without it such an answer is delivered, and the SDK's own `repairToolCall` may see to it.
 */
export const isInvalidToolCall = (): FallbackCondition =>
  Object.assign(isKind('malformed-response'), { inspects: 'tool-calls' } as const);

/**
 * Falls back when JSON output was asked for with a schema and the text does not match it. A stream is then held until it
 * is complete, since a match is known only at its end.
 */
export const isInvalidOutput = (): FallbackCondition =>
  Object.assign(isKind('malformed-response'), { inspects: 'output' } as const);

/** What makes conditions and is none itself; given uncalled it would never have a verdict. */
export const conditionMakers: ReadonlySet<unknown> = new Set<unknown>([
  isKind,
  isContentFilter,
  isContextLength,
  isTimeout,
  isRateLimit,
  isOverloaded,
  isServerError,
  isInvalidToolCall,
  isInvalidOutput,
]);
