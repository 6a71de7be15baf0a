import type { AnswerFinish } from '../answer.ts';
import type { FrameRole } from '../wire.ts';
import { anthropicError, anthropicErrorObject } from './anthropic-error.ts';
import {
  type EventData,
  type Frame,
  field,
  type Protocol,
  type Rendering,
  serverSentEvent,
  textField,
} from './protocol.ts';

/** Anthropic's Messages, as `@ai-sdk/anthropic` reads them. */
export const anthropic: Protocol = {
  name: 'anthropic',
  streamType: 'text/event-stream; charset=utf-8',
  requestIdHeader: 'request-id',
  recognize: ({ path, body }) =>
    path.endsWith('/messages')
      ? {
          model: textField({ of: body, name: 'model' }) ?? '',
          stream: field({ of: body, name: 'stream' }) === true,
        }
      : undefined,
  frames,
  body,
  error: anthropicError,
  streamError: failure => [
    event({ role: 'error', data: { type: 'error', error: anthropicErrorObject(failure) } }),
  ],
  ping: event({ role: 'noise', data: { type: 'ping' } }),
  event: ({ role, type, data }) => ({ role, text: serverSentEvent({ event: type, data }) }),
};

type Block = {
  readonly start: object;
  readonly deltas: readonly { readonly role: FrameRole; readonly delta: object }[];
};

function frames({ answer, tag }: Rendering): readonly Frame[] {
  const blocks = [...thinkingBlocks({ answer }), ...textBlocks({ answer }), ...toolBlocks({ answer })];
  return [
    event({
      role: 'preamble',
      data: {
        type: 'message_start',
        message: {
          ...messageHead({ answer, tag }),
          content: [],
          stop_reason: null,
          stop_sequence: null,
          ...(answer.usage === undefined ? {} : { usage: { ...inputUsage({ answer }), output_tokens: 1 } }),
        },
      },
    }),
    event({ role: 'noise', data: { type: 'ping' } }),
    ...blocks.flatMap(({ start, deltas }, index) => [
      event({ role: 'structure', data: { type: 'content_block_start', index, content_block: start } }),
      ...deltas.map(({ role, delta }) =>
        event({ role, data: { type: 'content_block_delta', index, delta } }),
      ),
      event({ role: 'structure', data: { type: 'content_block_stop', index } }),
    ]),
    event({
      role: 'finish',
      data: {
        type: 'message_delta',
        delta: { stop_reason: stopReason({ answer }), stop_sequence: null },
        ...(answer.usage === undefined ? {} : { usage: finalUsage({ answer }) }),
      },
    }),
    event({ role: 'terminator', data: { type: 'message_stop' } }),
  ];
}

function body({ answer, tag }: Rendering): unknown {
  return {
    ...messageHead({ answer, tag }),
    content: [
      ...(answer.reasoning === undefined
        ? []
        : [{ type: 'thinking', thinking: answer.reasoning.join(''), signature: answer.signature }]),
      ...(spokenText({ answer }).length === 0
        ? []
        : [{ type: 'text', text: spokenText({ answer }).join('') }]),
      ...answer.toolCalls.map(call => ({
        type: 'tool_use',
        id: call.toolCallId,
        name: call.toolName,
        input: parsedInput(call.pieces.join('')),
      })),
    ],
    stop_reason: stopReason({ answer }),
    stop_sequence: null,
    ...(answer.usage === undefined ? {} : { usage: finalUsage({ answer }) }),
  };
}

function thinkingBlocks({ answer }: Pick<Rendering, 'answer'>): readonly Block[] {
  if (answer.reasoning === undefined) return [];
  return [
    {
      start: { type: 'thinking', thinking: '', signature: '' },
      deltas: [
        ...answer.reasoning.map(piece => ({
          role: 'reasoning' as const,
          delta: { type: 'thinking_delta', thinking: piece },
        })),
        { role: 'structure', delta: { type: 'signature_delta', signature: answer.signature } },
      ],
    },
  ];
}

function textBlocks({ answer }: Pick<Rendering, 'answer'>): readonly Block[] {
  const deltas = spokenText({ answer }).map(text => ({
    role: 'text' as const,
    delta: { type: 'text_delta', text },
  }));
  return deltas.length === 0 ? [] : [{ start: { type: 'text', text: '' }, deltas }];
}

function toolBlocks({ answer }: Pick<Rendering, 'answer'>): readonly Block[] {
  return answer.toolCalls.map(call => ({
    start: { type: 'tool_use', id: call.toolCallId, name: call.toolName, input: {} },
    deltas: call.pieces.map(piece => ({
      role: 'tool-input' as const,
      delta: { type: 'input_json_delta', partial_json: piece },
    })),
  }));
}

// The refusal field is OpenAI's; Claude refuses in plain text.
function spokenText({ answer }: Pick<Rendering, 'answer'>): readonly string[] {
  return [...answer.text, ...answer.refusal];
}

function messageHead({ answer, tag }: Pick<Rendering, 'answer' | 'tag'>): object {
  return {
    ...(answer.model === undefined ? {} : { model: answer.model }),
    id: `msg_${tag}`,
    type: 'message',
    role: 'assistant',
  };
}

function inputUsage({ answer: { usage } }: Pick<Rendering, 'answer'>): object {
  if (usage === undefined) return {};
  return {
    input_tokens: usage.inputTokens - usage.cacheReadTokens - usage.cacheWriteTokens,
    cache_creation_input_tokens: usage.cacheWriteTokens,
    cache_read_input_tokens: usage.cacheReadTokens,
    service_tier: 'standard',
  };
}

function finalUsage({ answer }: Pick<Rendering, 'answer'>): object {
  return {
    ...inputUsage({ answer }),
    output_tokens: answer.usage?.outputTokens ?? 0,
    ...(answer.reasoning === undefined
      ? {}
      : { output_tokens_details: { thinking_tokens: answer.usage?.reasoningTokens ?? 0 } }),
  };
}

const stopReasons: Readonly<Record<AnswerFinish, string>> = {
  stop: 'end_turn',
  length: 'max_tokens',
  'tool-calls': 'tool_use',
  'content-filter': 'refusal',
  other: 'unspecified',
};

function stopReason({ answer }: Pick<Rendering, 'answer'>): string {
  return answer.rawFinish ?? stopReasons[answer.finish];
}

// A body that is not streamed carries the input as JSON, so broken input has to travel as text there.
function parsedInput(text: string): unknown {
  try {
    return JSON.parse(text === '' ? '{}' : text);
  } catch {
    return text;
  }
}

function event({ role, data }: { role: FrameRole; data: EventData }): Frame {
  return { role, text: serverSentEvent({ event: data.type, data: JSON.stringify(data) }) };
}
