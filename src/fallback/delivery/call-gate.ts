import type { LanguageModelV4StreamPart, LanguageModelV4ToolCall } from '@ai-sdk/provider';
import { InvalidAnswerError } from '../../failure/errors.ts';

/**
 * Why a tool call may not be what the model asked for. `unproven`: its arguments are empty or no JSON, as packages make them
 * when a stream is cut. `changed`: the arguments that were streamed are no JSON, and the call has others. `dropped`: they are
 * no JSON, and the call has none. `missing`: its arguments were begun, and no call came.
 */
export type CallDoubt = 'unproven' | 'changed' | 'dropped' | 'missing';

/** Holds back tool calls in doubt until the stream goes on behind them or finishes properly: what is delivered is run. */
export type CallGate = {
  /** True where the part has to wait: a call in doubt, or what belongs behind one. The gate keeps it, and streamed arguments. */
  readonly holds: (part: LanguageModelV4StreamPart) => boolean;
  /** The worst doubt about what waits; undefined where nothing does. */
  readonly doubt: () => CallDoubt | undefined;
  /** The same when the stream is over, where a call can be missing too. */
  readonly doubtAtEnd: () => CallDoubt | undefined;
  /** Everything that waits, in its order; the gate is empty afterwards. */
  readonly open: () => ReadonlyArray<LanguageModelV4StreamPart>;
};

/** Makes a gate for the calls of one stream. */
export function createCallGate(): CallGate {
  const streamed = new Map<string, string>();
  let waiting: LanguageModelV4StreamPart[] = [];
  let worst: CallDoubt | undefined;

  return {
    holds: part => {
      switch (part.type) {
        case 'tool-input-start':
          if (part.providerExecuted !== true) streamed.set(part.id, '');
          return false;
        case 'tool-input-delta':
          streamed.set(part.id, (streamed.get(part.id) ?? '') + part.delta);
          return false;
        case 'tool-call': {
          const doubt = doubtOf({ call: part, streamed: streamed.get(part.toolCallId) });
          streamed.delete(part.toolCallId);
          if (doubt !== undefined) worst = worse({ one: worst, other: doubt });
          break;
        }
        case 'tool-result':
        case 'tool-approval-request':
          break;
        default:
          return false;
      }
      if (worst === undefined) return false;
      waiting.push(part);
      return true;
    },
    doubt: () => worst,
    doubtAtEnd: () => (streamed.size > 0 ? 'missing' : worst),
    open: () => {
      const parts = waiting;
      waiting = [];
      worst = undefined;
      return parts;
    },
  };
}

/**
 * True for a part that shows the provider went on behind a call: a new block, or output. What packages make up themselves when
 * a stream ends (the end of a block, the start of a call, empty arguments) shows nothing.
 */
export function showsProgress(part: LanguageModelV4StreamPart): boolean {
  switch (part.type) {
    case 'text-start':
    case 'reasoning-start':
    case 'file':
    case 'reasoning-file':
      return true;
    case 'text-delta':
    case 'reasoning-delta':
      return part.delta !== '';
    case 'tool-input-delta':
      return hasArguments(part.delta);
    default:
      return false;
  }
}

/**
 * True where a call's arguments are whole. Chat completions clients turn arguments that were cut off into a `tool-call` with
 * the text so far, so arguments that do not parse prove a call only once the stream has finished properly.
 */
function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The failure of an answer in which a tool call, or its arguments, got lost on the way. */
export function unreadableCall(cause?: unknown): InvalidAnswerError {
  return new InvalidAnswerError({
    kind: 'malformed-response',
    message: 'A tool call of the answer could not be read.',
    cause,
  });
}

function doubtOf({
  call: { input, providerExecuted },
  streamed = '',
}: {
  readonly call: LanguageModelV4ToolCall;
  readonly streamed: string | undefined;
}): CallDoubt | undefined {
  if (!isJson(input)) return 'unproven';
  // The provider runs it, so nothing is run here.
  if (providerExecuted === true) return undefined;
  const isChanged = streamed !== '' && streamed !== input && !isJson(streamed);
  if (hasArguments(input)) return isChanged ? 'changed' : undefined;
  return isChanged && hasArguments(streamed) ? 'dropped' : 'unproven';
}

/** True where there is more than the braces of an empty object. */
function hasArguments(text: string): boolean {
  return /[^\s{}]/.test(text);
}

const order: ReadonlyArray<CallDoubt | undefined> = [undefined, 'unproven', 'changed', 'dropped'];

function worse({
  one,
  other,
}: {
  readonly one: CallDoubt | undefined;
  readonly other: CallDoubt;
}): CallDoubt | undefined {
  return order.indexOf(other) > order.indexOf(one) ? other : one;
}
