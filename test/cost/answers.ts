import type { Answer } from './replay.ts';

type Fields = Readonly<Record<string, unknown>>;

/** An OpenAI Responses answer with a usage, and output items before the text. */
export function responsesAnswer({
  model,
  usage,
  serviceTier,
  items = [],
}: {
  readonly model: string;
  readonly usage: Fields | null;
  readonly serviceTier?: string;
  readonly items?: readonly Fields[];
}): Answer {
  const message = {
    type: 'message',
    role: 'assistant',
    id: 'msg_1',
    content: [{ type: 'output_text', text: 'Yes.', annotations: [] }],
  };
  const tier = serviceTier === undefined ? {} : { service_tier: serviceTier };
  const response = { id: 'resp_1', object: 'response', created_at: 1, model, ...tier };
  const output = [...items, message];
  return {
    json: { ...response, output, usage, error: null, incomplete_details: null },
    events: [
      { type: 'response.created', response: { ...response, status: 'in_progress' } },
      ...items.flatMap((item, index) => [
        { type: 'response.output_item.added', output_index: index, item },
        { type: 'response.output_item.done', output_index: index, item },
      ]),
      {
        type: 'response.output_item.added',
        output_index: items.length,
        item: { type: 'message', id: 'msg_1' },
      },
      { type: 'response.output_text.delta', item_id: 'msg_1', output_index: items.length, delta: 'Yes.' },
      { type: 'response.output_item.done', output_index: items.length, item: message },
      {
        type: 'response.completed',
        response: { ...response, status: 'completed', usage, incomplete_details: null },
      },
    ],
  };
}

/** A chat completion with a usage; in a stream the usage comes in a last chunk of its own. */
export function chatAnswer({
  model,
  usage,
  serviceTier,
  text = 'Yes.',
}: {
  readonly model: string;
  readonly usage: Fields | null;
  readonly serviceTier?: string;
  readonly text?: string;
}): Answer {
  const tier = serviceTier === undefined ? {} : { service_tier: serviceTier };
  const head = { id: 'chatcmpl-1', created: 1, model, ...tier };
  const chunk = { ...head, object: 'chat.completion.chunk' };
  return {
    json: {
      ...head,
      object: 'chat.completion',
      choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
      ...(usage !== null && { usage }),
    },
    events: [
      { ...chunk, choices: [{ index: 0, delta: { role: 'assistant', content: text }, finish_reason: null }] },
      { ...chunk, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
      ...(usage === null ? [] : [{ ...chunk, choices: [], usage }]),
    ],
  };
}

/**
 * A Messages answer; in a stream `start` is the usage of the first event and `usage` that of the last, which the
 * package merges. With an empty `text` it has no content.
 */
export function anthropicAnswer({
  model,
  usage,
  start,
  content = [],
  text = 'Yes.',
  stopReason = 'end_turn',
}: {
  readonly model: string;
  readonly usage: Fields;
  readonly start?: Fields;
  readonly content?: readonly Fields[];
  readonly text?: string;
  readonly stopReason?: string;
}): Answer {
  const message = { id: 'msg_1', type: 'message', role: 'assistant', model };
  const stop = { stop_reason: stopReason, stop_sequence: null };
  return {
    json: {
      ...message,
      content: text === '' ? content : [...content, { type: 'text', text }],
      ...stop,
      usage,
    },
    events: [
      {
        type: 'message_start',
        message: {
          ...message,
          content: [],
          stop_reason: null,
          stop_sequence: null,
          usage: start ?? { ...usage, output_tokens: 1 },
        },
      },
      ...(text === ''
        ? []
        : [
            { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
            { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } },
            { type: 'content_block_stop', index: 0 },
          ]),
      { type: 'message_delta', delta: stop, usage },
      { type: 'message_stop' },
    ],
  };
}

/** A Gemini answer; in a stream every chunk repeats the usage so far, and `early` chunks come before the last. */
export function googleAnswer({
  usage,
  grounding,
  early = [],
}: {
  readonly usage: Fields | null;
  readonly grounding?: Fields;
  readonly early?: ReadonlyArray<{ readonly usage?: Fields; readonly grounding?: Fields }>;
}): Answer {
  const chunk = (of: {
    readonly usage?: Fields | null;
    readonly grounding?: Fields;
    readonly ends?: Fields;
  }) => ({
    candidates: [
      {
        content: { role: 'model', parts: [{ text: 'Yes.' }] },
        ...of.ends,
        ...(of.grounding !== undefined && { groundingMetadata: of.grounding }),
      },
    ],
    ...(of.usage != null && { usageMetadata: of.usage }),
  });
  const whole = chunk({
    usage,
    ...(grounding !== undefined && { grounding }),
    ends: { finishReason: 'STOP' },
  });
  return { json: whole, events: [...early.map(chunk), whole] };
}

/** An answer of Gemini's Interactions API; in a stream the usage comes with the last event. */
export function interactionAnswer({ usage }: { readonly usage: Fields }): Answer {
  const interaction = { id: 'int_1', object: 'interaction', status: 'completed', usage };
  const content = { type: 'text', text: 'Yes.' };
  return {
    json: { ...interaction, steps: [{ type: 'model_output', content: [content] }] },
    events: [
      { event_type: 'step.start', index: 0, step: { type: 'model_output' } },
      { event_type: 'step.delta', index: 0, delta: content },
      { event_type: 'step.stop', index: 0 },
      { event_type: 'interaction.completed', interaction },
    ],
  };
}
