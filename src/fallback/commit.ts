import {
  APICallError,
  JSONParseError,
  type LanguageModelV4Content,
  type LanguageModelV4FinishReason,
  type LanguageModelV4StreamPart,
  TypeValidationError,
} from '@ai-sdk/provider';
import { InvalidAnswerError } from '../errors.ts';
import type { FinishPart } from './attempt.ts';

/**
 * True for a part that may commit a stream: output as the SDK itself defines it, but for a tool's input, which is held
 * until its `tool-call` is complete, so that a connection cut inside the arguments can still fall back.
 */
export function isCommittingPart(part: LanguageModelV4StreamPart): boolean {
  switch (part.type) {
    case 'text-delta':
    case 'reasoning-delta':
      return part.delta !== '';
    case 'tool-call':
      return isCompleteToolCall(part);
    case 'file':
    case 'reasoning-file':
      return true;
    default:
      return false;
  }
}

/**
 * True where a call's arguments are whole. Chat completions clients turn arguments that were cut off into a `tool-call` with
 * the text so far, so arguments that do not parse prove a call only once the stream has finished properly.
 */
export function isCompleteToolCall({ input }: { readonly input: string }): boolean {
  try {
    JSON.parse(input);
    return true;
  } catch {
    return false;
  }
}

/**
 * True for a finish by which the provider said that the answer is whole. A finish `error` of OpenAI's Responses client only
 * echoes a malformed event when usage came with it, because usage travels in the final event alone.
 */
export function isProperFinish({
  finish,
  provider,
  malformed,
}: {
  readonly finish: FinishPart;
  readonly provider: string;
  readonly malformed: unknown;
}): boolean {
  const { unified, raw } = finish.finishReason;
  if (unified === 'interrupted') return false;
  if (unified !== 'error') return true;
  return (
    malformed !== undefined &&
    raw === undefined &&
    provider.endsWith('.responses') &&
    finish.usage.outputTokens.total !== undefined
  );
}

/** True where generated content holds an answer, by the same rule. */
export function hasOutput(content: ReadonlyArray<LanguageModelV4Content>): boolean {
  return content.some(part => {
    switch (part.type) {
      case 'text':
      case 'reasoning':
        return part.text !== '';
      case 'tool-call':
      case 'file':
      case 'reasoning-file':
        return true;
      default:
        return false;
    }
  });
}

/**
 * Judges a finish that came without output: `stop`, `length` and `tool-calls` are an answer, also an empty one; everything
 * else is a failure. `cause` is the error that came before it, if any.
 */
export function judgeEmptyFinish({
  finishReason,
  sawContent,
  cause,
}: {
  readonly finishReason: LanguageModelV4FinishReason;
  /** Something of an answer had begun, so the connection broke; otherwise there was never an answer. */
  readonly sawContent: boolean;
  readonly cause?: unknown;
}): InvalidAnswerError | undefined {
  const raw = finishReason.raw === undefined ? '' : ` (${finishReason.raw})`;
  switch (finishReason.unified) {
    case 'stop':
    case 'length':
    case 'tool-calls':
      return undefined;
    case 'content-filter':
      return new InvalidAnswerError({
        kind: 'content-filter',
        message: `The model refused to answer${raw}.`,
        cause,
      });
    case 'interrupted':
      return new InvalidAnswerError({
        kind: sawContent ? 'network' : 'empty',
        message: `The answer ended before its first output${raw}.`,
        cause,
      });
    case 'error':
      return new InvalidAnswerError({
        // Gemini's word for a tool call it could not form.
        kind: finishReason.raw === 'MALFORMED_FUNCTION_CALL' ? 'malformed-response' : 'server',
        message: `The model ended with an error and no output${raw}.`,
        cause,
      });
    case 'other':
      return new InvalidAnswerError({
        kind: 'empty',
        message: `The model ended without any output${raw}.`,
        cause,
      });
    default: {
      const unknownReason: never = finishReason.unified;
      return unknownReason;
    }
  }
}

/**
 * True for one event that could not be read. Providers go on after it, so it alone does not end an answer; any other error
 * part is the provider's own word that the answer failed.
 */
export function isMalformedEvent(error: unknown): boolean {
  return (
    !APICallError.isInstance(error) &&
    (JSONParseError.isInstance(error) || TypeValidationError.isInstance(error))
  );
}
