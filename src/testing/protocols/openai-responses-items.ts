import type { CompleteToolCall } from '../answer.ts';
import type { FrameRole } from '../wire.ts';
import { type EventData, field, type Rendering } from './protocol.ts';

/** One output item of a response: the events that stream it, and the item as the finished response lists it. */
export type OutputItem = {
  readonly events: readonly { readonly role: FrameRole; readonly data: EventData }[];
  readonly done: object;
};

/** The output items of an answer in order: reasoning, message, function calls. */
export function outputItems(rendering: Rendering): readonly OutputItem[] {
  const { answer } = rendering;
  const makers = [
    ...(answer.reasoning === undefined ? [] : [reasoningItem]),
    ...(answer.text.length + answer.refusal.length === 0 ? [] : [messageItem]),
    ...answer.toolCalls.map(
      (call, callIndex) => (at: ItemPlace) => functionCallItem({ ...at, call, callIndex }),
    ),
  ];
  return makers.map((make, outputIndex) => make({ rendering, outputIndex }));
}

type ItemPlace = { readonly rendering: Rendering; readonly outputIndex: number };

function reasoningItem({ rendering, outputIndex }: ItemPlace): OutputItem {
  const { answer, exchange, tag } = rendering;
  const include = field({ of: exchange.body, name: 'include' });
  const encrypted =
    Array.isArray(include) && include.includes('reasoning.encrypted_content')
      ? { encrypted_content: answer.signature }
      : {};
  const id = `rs_${tag}`;
  const at = { item_id: id, output_index: outputIndex, summary_index: 0 };
  const pieces = answer.reasoning ?? [];
  const summary = pieces.length === 0 ? [] : [{ type: 'summary_text', text: pieces.join('') }];
  const done = { id, type: 'reasoning', ...encrypted, summary };
  return {
    done,
    events: [
      added({ outputIndex, item: { ...done, summary: [] } }),
      ...summary.flatMap(part => [
        structure({ type: 'response.reasoning_summary_part.added', ...at, part: { ...part, text: '' } }),
        ...pieces.map(delta => ({
          role: 'reasoning' as const,
          data: { type: 'response.reasoning_summary_text.delta', ...at, delta },
        })),
        structure({ type: 'response.reasoning_summary_text.done', ...at, text: part.text }),
        structure({ type: 'response.reasoning_summary_part.done', ...at, part }),
      ]),
      finished({ outputIndex, item: done }),
    ],
  };
}

function messageItem({ rendering: { answer, tag }, outputIndex }: ItemPlace): OutputItem {
  const id = `msg_${tag}`;
  const message = { id, type: 'message', role: 'assistant' };
  const parts = [
    ...(answer.text.length === 0 ? [] : [textPart(answer.text)]),
    ...(answer.refusal.length === 0 ? [] : [refusalPart(answer.refusal)]),
  ];
  const done = { ...message, status: 'completed', content: parts.map(part => part.done) };
  return {
    done,
    events: [
      added({ outputIndex, item: { ...message, status: 'in_progress', content: [] } }),
      ...parts.flatMap((part, contentIndex) => {
        const at = { item_id: id, output_index: outputIndex, content_index: contentIndex };
        return [
          structure({ type: 'response.content_part.added', ...at, part: part.empty }),
          ...part.deltas.map(delta => ({ role: 'text' as const, data: { ...at, ...delta } })),
          structure({ ...at, ...part.end }),
          structure({ type: 'response.content_part.done', ...at, part: part.done }),
        ];
      }),
      finished({ outputIndex, item: done }),
    ],
  };
}

function textPart(pieces: readonly string[]) {
  const part = (text: string): object => ({ type: 'output_text', annotations: [], logprobs: [], text });
  return {
    empty: part(''),
    done: part(pieces.join('')),
    deltas: pieces.map(delta => ({ type: 'response.output_text.delta', delta, logprobs: [] })),
    end: { type: 'response.output_text.done', text: pieces.join(''), logprobs: [] },
  };
}

function refusalPart(pieces: readonly string[]) {
  const part = (refusal: string): object => ({ type: 'refusal', refusal });
  return {
    empty: part(''),
    done: part(pieces.join('')),
    deltas: pieces.map(delta => ({ type: 'response.refusal.delta', delta })),
    end: { type: 'response.refusal.done', refusal: pieces.join('') },
  };
}

function functionCallItem({
  rendering,
  outputIndex,
  call,
  callIndex,
}: ItemPlace & { call: CompleteToolCall; callIndex: number }): OutputItem {
  const id = `fc_${rendering.tag}_${callIndex}`;
  const item = { id, type: 'function_call', call_id: call.toolCallId, name: call.toolName };
  const input = call.pieces.join('');
  const done = { ...item, status: 'completed', arguments: input };
  const at = { item_id: id, output_index: outputIndex };
  return {
    done,
    events: [
      added({ outputIndex, item: { ...item, status: 'in_progress', arguments: '' } }),
      ...call.pieces.map(delta => ({
        role: 'tool-input' as const,
        data: { type: 'response.function_call_arguments.delta', ...at, delta },
      })),
      structure({ type: 'response.function_call_arguments.done', ...at, arguments: input }),
      finished({ outputIndex, item: done }),
    ],
  };
}

function added({ outputIndex, item }: { outputIndex: number; item: object }) {
  return structure({ type: 'response.output_item.added', output_index: outputIndex, item });
}

function finished({ outputIndex, item }: { outputIndex: number; item: object }) {
  return structure({ type: 'response.output_item.done', output_index: outputIndex, item });
}

function structure<DATA extends EventData>(data: DATA): { role: FrameRole; data: DATA } {
  return { role: 'structure', data };
}
