import { refuse } from '../../boundary/check.ts';
import { type FailureKind, failureKinds } from '../../failure/failure-kind.ts';
import { any } from './combine.ts';
import type { FallbackCondition } from './condition.ts';
import { checking } from './is-answer.ts';
import { maker } from './maker.ts';

/**
 * Falls back when the failure is of one of these kinds; says nothing about others. Throws `InvalidArgumentError` on a kind
 * that there is not.
 */
export const isKind = maker((...kinds: ReadonlyArray<FailureKind>): FallbackCondition => {
  const isKnown = (kind: FailureKind) => failureKinds.includes(kind);
  if (kinds.length === 0 || !kinds.every(isKnown))
    refuse({
      path: ['isKind'],
      value: kinds.find(kind => !isKnown(kind)),
      problem: `takes failure kinds: ${failureKinds.join(', ')}`,
    });
  return failure => (kinds.includes(failure.kind) ? true : undefined);
});

/** Falls back when a provider refused for its content policy, which by default ends the call. */
export const isContentFilter = maker((): FallbackCondition => isKind('content-filter'));

/** Falls back when the conversation is too long for the candidate. */
export const isContextLength = maker((): FallbackCondition => isKind('context-length'));

/** Falls back when a time limit ran out. */
export const isTimeout = maker((): FallbackCondition => isKind('timeout'));

/** Falls back at once on a rate limit, also where the provider asks for a short wait only. */
export const isRateLimit = maker((): FallbackCondition => isKind('rate-limit'));

/** Falls back at once, without a second attempt, when a provider is overloaded. */
export const isOverloaded = maker((): FallbackCondition => isKind('overloaded'));

/** Falls back at once, without a second attempt, on a provider's internal error. */
export const isServerError = maker((): FallbackCondition => isKind('server'));

/**
 * Falls back when an answer ended properly and has nothing in it: no text but blanks, no tool call and no file, also where the
 * model has only reasoned. Without it such an answer is delivered. One that was cut off before its first word is
 * `isCutByLength()`'s, a refusal `isRefusal()`'s. A stream's reasoning is held back until its first text, tool call or file.
 */
export const isEmptyAnswer = maker(
  (): FallbackCondition => checking({ name: 'empty-answer', until: 'output' }),
);

/**
 * Falls back when the provider or the model refused, in any shape: an error (as `isContentFilter()` does), a finish
 * `content-filter` without output, or one behind a part of an answer. So a stream is held back until its finish. A refusal
 * in plain words under the finish `stop` is none: only the model's own text tells it.
 */
export const isRefusal = maker(
  (): FallbackCondition => any(checking({ name: 'refusal', until: 'finish' }), isContentFilter()),
);

/**
 * Falls back when the answer was cut off because it was as long as it may be: a finish `length`. A stream is held back until
 * its finish.
 */
export const isCutByLength = maker(
  (): FallbackCondition => checking({ name: 'cut-by-length', until: 'finish' }),
);

/**
 * Falls back when an answer calls a tool that does not exist, or with arguments that are no JSON or do not match the tool's
 * schema. Without it such an answer is delivered, and the SDK's own `repairToolCall` may see to it. Where the request has
 * tools, a stream's reasoning is held back, and an answer that begins with a tool call until its finish; one that begins with
 * text goes out, and calls behind it are the SDK's affair. With `recover: 'buffer'` they are judged too.
 */
export const isInvalidToolCall = maker(
  (): FallbackCondition => checking({ name: 'invalid-tool-call', until: 'calls', only: 'tools' }),
);

/**
 * Falls back when JSON output was asked for with a schema and the text does not match it. A stream of such a request is held
 * back until its finish.
 */
export const isInvalidOutput = maker(
  (): FallbackCondition => checking({ name: 'invalid-output', until: 'finish', only: 'json' }),
);
