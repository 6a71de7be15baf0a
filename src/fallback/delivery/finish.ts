import type { LanguageModelV4FinishReason, LanguageModelV4Usage } from '@ai-sdk/provider';
import type { Candidate } from '../../candidate/candidate.ts';
import { InvalidAnswerError } from '../../failure/errors.ts';
import type { FailureKind } from '../../failure/failure-kind.ts';
import { isMadeOfVersion2 } from '../../provider/lazy-model.ts';
import { type CallDoubt, unreadableCall } from './call-gate.ts';
import { meaningOfFinish } from './finish-words.ts';

/** What a finish says of the answer before it: whole, with the reason as the SDK's words tell it, or broken. */
export type FinishVerdict =
  | { readonly type: 'whole'; readonly finishReason: LanguageModelV4FinishReason }
  | { readonly type: 'broken'; readonly error: InvalidAnswerError };

/** Everything a streamed finish is judged by. */
export type StreamedFinish = {
  readonly finish: {
    readonly finishReason: LanguageModelV4FinishReason;
    readonly usage: LanguageModelV4Usage;
  };
  readonly candidate: Pick<Candidate, 'model' | 'identity'>;
  /** An event that could not be read, if there was one. */
  readonly unreadable: unknown;
  /** What is in doubt about calls that still wait for this finish. */
  readonly doubt: CallDoubt | undefined;
  /** Something of an answer had begun, so the connection broke; otherwise there was never an answer. */
  readonly sawContent: boolean;
  readonly hasToolCall: boolean;
};

/**
 * Judges the finish of a stream. It is broken where the provider never sent one and its package made it up, where the
 * provider's own word means that the answer broke off, and where a call has lost its arguments.
 */
export function judgeStreamedFinish({
  finish,
  candidate,
  unreadable,
  doubt,
  sawContent,
  hasToolCall,
}: StreamedFinish): FinishVerdict {
  const { finishReason, usage } = finish;
  if (isMadeUp({ finishReason, usage, candidate, doubt }))
    return broken({
      kind: sawContent ? 'network' : 'empty',
      message: 'The stream ended before the answer was complete.',
      cause: unreadable,
    });
  if (lostCall({ finishReason, unreadable, doubt, hasToolCall }))
    return { type: 'broken', error: unreadableCall(unreadable) };
  // Usage travels in the final event of OpenAI's Responses alone, so with it the error only echoes an unreadable event.
  const isEcho =
    unreadable !== undefined &&
    finishReason.unified === 'error' &&
    finishReason.raw === undefined &&
    candidate.model.provider.endsWith('.responses') &&
    usage.outputTokens.total !== undefined;
  if (isEcho) return whole({ unified: hasToolCall ? 'tool-calls' : 'stop', raw: undefined });
  return judgeFinish({ finishReason, cause: unreadable });
}

/** Judges a finish that the provider sent, by its reason alone. */
export function judgeFinish({
  finishReason,
  cause,
}: {
  readonly finishReason: LanguageModelV4FinishReason;
  readonly cause?: unknown;
}): FinishVerdict {
  const { unified, raw } = finishReason;
  const word = raw === undefined ? '' : ` (${raw})`;
  switch (unified) {
    case 'interrupted':
      return broken({ kind: 'network', message: `The answer was interrupted${word}.`, cause });
    case 'error':
    case 'other':
    // OpenRouter's package says so of every finish behind a tool call that it does not know.
    case 'tool-calls': {
      const meaning = meaningOfFinish(raw);
      if (meaning === 'content-filter') return whole({ unified: 'content-filter', raw });
      if (meaning === 'context-length' && unified !== 'tool-calls') return whole({ unified: 'length', raw });
      if (meaning !== undefined)
        return broken({ kind: meaning, message: `The model ended with an error${word}.`, cause });
      if (unified === 'error')
        return broken({ kind: 'server', message: `The model ended with an error${word}.`, cause });
      return whole(finishReason);
    }
    default:
      return whole(finishReason);
  }
}

/**
 * Judges a whole finish that came without output: `stop`, `length` and `tool-calls` are an answer, also an empty one;
 * everything else is a failure. `cause` is the error that came before it, if any.
 */
export function judgeEmptyFinish({
  finishReason: { unified, raw },
  cause,
}: {
  readonly finishReason: LanguageModelV4FinishReason;
  readonly cause?: unknown;
}): InvalidAnswerError | undefined {
  const word = raw === undefined ? '' : ` (${raw})`;
  if (unified === 'content-filter')
    return new InvalidAnswerError({
      kind: 'content-filter',
      message: `The model refused to answer${word}.`,
      cause,
    });
  if (unified === 'length' && meaningOfFinish(raw) === 'context-length')
    return new InvalidAnswerError({
      kind: 'context-length',
      message: `The request left no room for an answer${word}.`,
      cause,
    });
  return unified === 'other'
    ? new InvalidAnswerError({ kind: 'empty', message: `The model ended without any output${word}.`, cause })
    : undefined;
}

/**
 * True where the finish is the provider's own, and a call that it is behind is not there or has lost its arguments: an event
 * that begins or ends a call could not be read. With the finish `length` a call may be cut off.
 */
function lostCall({
  finishReason: { unified },
  unreadable,
  doubt,
  hasToolCall,
}: Pick<StreamedFinish, 'unreadable' | 'doubt' | 'hasToolCall'> & {
  readonly finishReason: LanguageModelV4FinishReason;
}): boolean {
  if (doubt === 'dropped') return true;
  if (doubt === 'missing') return unified === 'tool-calls' || unified === 'stop';
  return unified === 'tool-calls' && !hasToolCall && unreadable !== undefined;
}

/**
 * True for a finish that no event carried. Packages begin a stream with the finish `other` and no raw reason, and what is
 * left of it at the end was never replaced by the provider's own word.
 */
function isMadeUp({
  finishReason: { unified, raw },
  usage: { outputTokens },
  candidate: { model, identity },
  doubt,
}: Pick<StreamedFinish, 'candidate' | 'doubt'> & StreamedFinish['finish']): boolean {
  if (unified === 'interrupted') return true;
  const isCounted = outputTokens.total !== undefined;
  if (raw === undefined) {
    // Models of version 2 have no raw reasons at all; with a token count their `other` came from the provider.
    if (unified === 'other') return !(isCounted && (isOfVersion2(identity) || isMadeOfVersion2(model)));
    if (unified === 'tool-calls' && doubt !== undefined && doubt !== 'unproven') return true;
  }
  const madeUp = madeUpWithoutUsage.find(({ provider }) => model.provider.startsWith(provider));
  return madeUp !== undefined && !isCounted && unified === 'tool-calls' && raw === madeUp.raw;
}

/**
 * Packages that say `tool-calls` of their own accord where a stream with a tool call was cut: with this raw reason, and
 * without the usage that the provider's last event always carries. Tried in November 2026: @openrouter/ai-sdk-provider
 * 3.1.0, ollama-ai-provider-v2 4.0.1.
 */
const madeUpWithoutUsage: ReadonlyArray<{ readonly provider: string; readonly raw: string | undefined }> = [
  { provider: 'openrouter', raw: undefined },
  { provider: 'ollama', raw: 'tool_calls' },
];

function isOfVersion2(identity: object): boolean {
  return 'specificationVersion' in identity && identity.specificationVersion === 'v2';
}

function whole(finishReason: LanguageModelV4FinishReason): FinishVerdict {
  return { type: 'whole', finishReason };
}

function broken(problem: {
  readonly kind: FailureKind;
  readonly message: string;
  readonly cause: unknown;
}): FinishVerdict {
  return { type: 'broken', error: new InvalidAnswerError(problem) };
}
