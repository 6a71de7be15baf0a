import type { AnswerFinish } from '../answer.ts';
import type { FrameRole } from '../wire.ts';
import { openaiError } from './openai-error.ts';
import { type Frame, field, type Protocol, type Rendering, serverSentEvent, textField } from './protocol.ts';

/**
 * OpenAI's chat completions, as `@ai-sdk/openai` `.chat()` and `@ai-sdk/openai-compatible` read them. Reasoning travels as
 * `reasoning_content`, the field compatible servers use. A stream carries usage only if the request asks for it.
 */
export const openaiChat: Protocol = {
  name: 'openai-chat',
  streamType: 'text/event-stream; charset=utf-8',
  requestIdHeader: 'x-request-id',
  recognize: ({ path, body }) =>
    path.endsWith('/chat/completions')
      ? {
          model: textField({ of: body, name: 'model' }) ?? '',
          stream: field({ of: body, name: 'stream' }) === true,
        }
      : undefined,
  frames,
  body,
  error: openaiError,
  streamError: error => [event({ role: 'error', data: { error: openaiError(error).error } })],
  ping: { role: 'noise', text: ': keep-alive\n\n' },
  event: ({ role, data }) => ({ role, text: serverSentEvent({ data }) }),
};

function frames({ answer, exchange, tag }: Rendering): readonly Frame[] {
  const chunk = (part: { role: FrameRole; delta: object; finish?: string }): Frame =>
    event({
      role: part.role,
      data: {
        ...chunkHead({ answer, tag }),
        choices: [{ index: 0, delta: part.delta, logprobs: null, finish_reason: part.finish ?? null }],
      },
    });
  const wantsUsage =
    field({ of: field({ of: exchange.body, name: 'stream_options' }), name: 'include_usage' }) === true;

  return [
    chunk({ role: 'preamble', delta: { role: 'assistant', content: '', refusal: null } }),
    ...(answer.reasoning ?? []).map(piece =>
      chunk({ role: 'reasoning', delta: { reasoning_content: piece } }),
    ),
    ...answer.text.map(piece => chunk({ role: 'text', delta: { content: piece } })),
    ...answer.refusal.map(piece => chunk({ role: 'text', delta: { refusal: piece } })),
    ...answer.toolCalls.flatMap((call, index) => [
      chunk({
        role: 'structure',
        delta: {
          tool_calls: [
            {
              index,
              id: call.toolCallId,
              type: 'function',
              function: { name: call.toolName, arguments: '' },
            },
          ],
        },
      }),
      ...call.pieces.map(piece =>
        chunk({ role: 'tool-input', delta: { tool_calls: [{ index, function: { arguments: piece } }] } }),
      ),
    ]),
    chunk({ role: 'finish', delta: {}, finish: finishReason({ answer }) }),
    ...(wantsUsage && answer.usage !== undefined
      ? [
          event({
            role: 'usage',
            data: { ...chunkHead({ answer, tag }), choices: [], usage: usage({ answer }) },
          }),
        ]
      : []),
    { role: 'terminator', text: 'data: [DONE]\n\n' },
  ];
}

function body({ answer, tag }: Rendering): unknown {
  const text = answer.text.join('');
  return {
    ...chunkHead({ answer, tag }),
    object: 'chat.completion',
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: text === '' ? null : text,
          refusal: answer.refusal.length > 0 ? answer.refusal.join('') : null,
          ...(answer.reasoning === undefined ? {} : { reasoning_content: answer.reasoning.join('') }),
          ...(answer.toolCalls.length === 0
            ? {}
            : {
                tool_calls: answer.toolCalls.map(call => ({
                  id: call.toolCallId,
                  type: 'function',
                  function: { name: call.toolName, arguments: call.pieces.join('') },
                })),
              }),
        },
        logprobs: null,
        finish_reason: finishReason({ answer }),
      },
    ],
    ...(answer.usage === undefined ? {} : { usage: usage({ answer }) }),
  };
}

function chunkHead({ answer, tag }: Pick<Rendering, 'answer' | 'tag'>): object {
  return {
    id: `chatcmpl_${tag}`,
    object: 'chat.completion.chunk',
    created: Math.floor(Date.now() / 1000),
    ...(answer.model === undefined ? {} : { model: answer.model }),
    service_tier: 'default',
    system_fingerprint: null,
  };
}

function usage({ answer: { usage } }: Pick<Rendering, 'answer'>): object | undefined {
  if (usage === undefined) return undefined;
  return {
    prompt_tokens: usage.inputTokens,
    completion_tokens: usage.outputTokens,
    total_tokens: usage.inputTokens + usage.outputTokens,
    prompt_tokens_details: {
      cached_tokens: usage.cacheReadTokens,
      ...(usage.cacheWriteTokens > 0 ? { cache_write_tokens: usage.cacheWriteTokens } : {}),
    },
    completion_tokens_details: { reasoning_tokens: usage.reasoningTokens },
  };
}

const finishReasons: Readonly<Record<AnswerFinish, string>> = {
  stop: 'stop',
  length: 'length',
  'tool-calls': 'tool_calls',
  'content-filter': 'content_filter',
  other: 'unspecified',
};

function finishReason({ answer }: Pick<Rendering, 'answer'>): string {
  return answer.rawFinish ?? finishReasons[answer.finish];
}

function event({ role, data }: { role: FrameRole; data: object }): Frame {
  return { role, text: serverSentEvent({ data: JSON.stringify(data) }) };
}
