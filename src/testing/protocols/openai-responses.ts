import type { FrameRole } from '../wire.ts';
import { openaiError } from './openai-error.ts';
import { type OutputItem, outputItems } from './openai-responses-items.ts';
import {
  type EventData,
  type Frame,
  field,
  type Protocol,
  type Recognized,
  type Rendering,
  serverSentEvent,
  textField,
} from './protocol.ts';

/** OpenAI's Responses, the default of `@ai-sdk/openai`. The stream has no `[DONE]`: its last event is the finish. */
export const openaiResponses: Protocol = {
  name: 'openai-responses',
  streamType: 'text/event-stream; charset=utf-8',
  requestIdHeader: 'x-request-id',
  recognize: ({ path, body }) =>
    path.endsWith('/responses')
      ? {
          model: textField({ of: body, name: 'model' }) ?? '',
          stream: field({ of: body, name: 'stream' }) === true,
        }
      : recognizeKept(path),
  frames,
  body,
  error: openaiError,
  streamError,
  ping: { role: 'noise', text: ': keep-alive\n\n' },
  event: ({ role, type, data }) => ({ role, text: serverSentEvent({ event: type, data }) }),
};

/** A request about an answer that is kept: `/responses/{id}?stream=true&starting_after=3`, `/responses/{id}/cancel`. */
function recognizeKept(path: string): Recognized | undefined {
  const { pathname, searchParams } = new URL(path, 'http://127.0.0.1');
  const [, id, cancel] = /\/responses\/(resp_[^/]+)(\/cancel)?$/.exec(pathname) ?? [];
  if (id === undefined) return undefined;
  if (cancel !== undefined) return { model: '', stream: false, kept: { id, ask: 'cancel' } };
  const after = Number(searchParams.get('starting_after') ?? -1);
  return { model: '', stream: searchParams.get('stream') === 'true', kept: { id, ask: 'resume', after } };
}

function frames(rendering: Rendering): readonly Frame[] {
  const items = outputItems(rendering);
  const last = finished({ rendering, items });
  const started = envelope({ rendering, state: { status: 'in_progress', output: [], usage: null } });
  return [
    { role: 'preamble' as const, data: { type: 'response.created', response: started } },
    { role: 'preamble' as const, data: { type: 'response.in_progress', response: started } },
    ...items.flatMap(item => item.events),
    {
      role: 'finish' as const,
      data: { type: last.incomplete ? 'response.incomplete' : 'response.completed', response: last.response },
    },
  ].map(({ role, data }, index) => event({ role, data: { ...data, sequence_number: index } }));
}

function body(rendering: Rendering): unknown {
  return finished({ rendering, items: outputItems(rendering) }).response;
}

function finished({ rendering, items }: { rendering: Rendering; items: readonly OutputItem[] }): {
  response: object;
  incomplete: boolean;
} {
  const reason = incompleteReason(rendering);
  const output = items.map(item => item.done);
  const usage = usageOf(rendering);
  return {
    incomplete: reason !== undefined,
    response: envelope({
      rendering,
      state:
        reason === undefined
          ? { status: 'completed', output, usage }
          : { status: 'incomplete', incomplete_details: { reason }, output, usage },
    }),
  };
}

function incompleteReason({ answer }: Rendering): string | undefined {
  if (answer.rawFinish !== undefined) return answer.rawFinish;
  if (answer.finish === 'length') return 'max_output_tokens';
  if (answer.finish === 'content-filter') return 'content_filter';
  return answer.finish === 'other' ? 'unspecified' : undefined;
}

function envelope({
  rendering: { answer, exchange, tag },
  state,
}: {
  rendering: Rendering;
  state: object;
}): object {
  return {
    id: `resp_${tag}`,
    object: 'response',
    created_at: Math.floor(Date.now() / 1000),
    background: field({ of: exchange.body, name: 'background' }) === true,
    error: null,
    incomplete_details: null,
    instructions: null,
    max_output_tokens: field({ of: exchange.body, name: 'max_output_tokens' }) ?? null,
    ...(answer.model === undefined ? {} : { model: answer.model }),
    parallel_tool_calls: true,
    previous_response_id: null,
    reasoning: { effort: null, summary: null },
    service_tier: 'default',
    store: field({ of: exchange.body, name: 'store' }) ?? true,
    temperature: 1,
    text: { format: { type: 'text' } },
    tool_choice: 'auto',
    tools: [],
    top_p: 1,
    truncation: 'disabled',
    user: null,
    metadata: {},
    ...state,
  };
}

function usageOf({ answer: { usage } }: Rendering): object | null {
  if (usage === undefined) return null;
  return {
    input_tokens: usage.inputTokens,
    input_tokens_details: {
      cached_tokens: usage.cacheReadTokens,
      cache_write_tokens: usage.cacheWriteTokens,
    },
    output_tokens: usage.outputTokens,
    output_tokens_details: { reasoning_tokens: usage.reasoningTokens },
    total_tokens: usage.inputTokens + usage.outputTokens,
  };
}

// The service sends both, the error and the response that failed with it; sometimes the latter alone.
function streamError(failure: Parameters<Protocol['streamError']>[0]): readonly Frame[] {
  const { error } = openaiError(failure);
  return [
    event({ role: 'error', data: { type: 'error', sequence_number: 1_000, error } }),
    event({
      role: 'finish',
      data: {
        type: 'response.failed',
        sequence_number: 1_001,
        response: {
          id: `resp_${failure.tag}`,
          object: 'response',
          created_at: Math.floor(Date.now() / 1000),
          status: 'failed',
          error: { code: error.code ?? error.type, message: error.message },
          incomplete_details: null,
          model: failure.exchange.model,
          output: [],
          usage: null,
        },
      },
    }),
  ];
}

function event({ role, data }: { role: FrameRole; data: EventData }): Frame {
  return { role, text: serverSentEvent({ event: data.type, data: JSON.stringify(data) }) };
}
