import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4StreamPart,
} from '@ai-sdk/provider';

/** Call options with a short prompt and one tool; the first argument adds or replaces. */
export function call(options: Partial<LanguageModelV4CallOptions> = {}): LanguageModelV4CallOptions {
  return {
    prompt: [{ role: 'user', content: [{ type: 'text', text: 'How is the weather?' }] }],
    tools: [
      {
        type: 'function',
        name: 'weather',
        inputSchema: { type: 'object', properties: { city: { type: 'string' }, days: { type: 'number' } } },
      },
    ],
    ...options,
  };
}

/** The parts of a stream up to its end, or up to the error a read or the call itself rejects with. */
export type Collected = { readonly parts: readonly LanguageModelV4StreamPart[]; readonly thrown?: unknown };

/** Streams once and reads everything there is. */
export async function collect({
  model,
  options = call(),
  onPart,
}: {
  model: LanguageModelV4;
  options?: LanguageModelV4CallOptions;
  onPart?: (part: LanguageModelV4StreamPart) => void;
}): Promise<Collected> {
  const parts: LanguageModelV4StreamPart[] = [];
  try {
    const { stream } = await model.doStream(options);
    const reader = stream.getReader();
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      parts.push(next.value);
      onPart?.(next.value);
    }
    return { parts };
  } catch (thrown) {
    return { parts, thrown };
  }
}

/** The error a promise rejects with; fails if it does not. */
export async function rejection(promise: PromiseLike<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('Expected a rejection.');
}

/** The deltas of the text in a stream, joined. */
export function textOf(parts: readonly LanguageModelV4StreamPart[]): string {
  return parts.map(part => (part.type === 'text-delta' ? part.delta : '')).join('');
}
