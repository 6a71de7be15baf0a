import {
  APICallError,
  type LanguageModelV4,
  type LanguageModelV4CallOptions,
  type LanguageModelV4GenerateResult,
  type LanguageModelV4StreamPart,
} from '@ai-sdk/provider';

export type Part = LanguageModelV4StreamPart;

export const options: LanguageModelV4CallOptions = {
  prompt: [{ role: 'user', content: [{ type: 'text', text: 'hello' }] }],
};

const finishReason = { unified: 'stop', raw: 'stop' } as const;
const usage = {
  inputTokens: { total: 10, noCache: 10, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 20, text: 20, reasoning: 0 },
};
const result: LanguageModelV4GenerateResult = {
  content: [{ type: 'text', text: 'ok' }],
  finishReason,
  usage,
  warnings: [],
};

/** A model that answers, or fails, at once, so that nothing but the layers above it is measured. */
export function instantModel({
  modelId,
  deltas = 10,
  stream = () => pulledStream(deltas),
  failure,
}: {
  readonly modelId: string;
  readonly deltas?: number;
  readonly stream?: () => ReadableStream<Part>;
  readonly failure?: Error;
}): LanguageModelV4 {
  return {
    specificationVersion: 'v4',
    provider: 'bench',
    modelId,
    supportedUrls: {},
    doGenerate: async () => {
      if (failure !== undefined) throw failure;
      return result;
    },
    doStream: async () => {
      if (failure !== undefined) throw failure;
      return { stream: stream() };
    },
  };
}

/** The failure of a model that is down, made once: making an error costs more than any of the layers. */
export const unavailable = new APICallError({
  message: 'Service Unavailable',
  url: 'http://127.0.0.1',
  requestBodyValues: {},
  statusCode: 503,
  responseHeaders: {},
  responseBody: '{"error":{"message":"overloaded"}}',
  isRetryable: true,
});

/** A stream's parts, one by one: preamble, text deltas, finish. */
export function partAt({ index, deltas }: { readonly index: number; readonly deltas: number }): Part {
  if (index === 0) return { type: 'stream-start', warnings: [] };
  if (index === 1) return { type: 'response-metadata', id: 'r', modelId: 'bench' };
  if (index === 2) return { type: 'text-start', id: '0' };
  if (index < deltas + 3) return { type: 'text-delta', id: '0', delta: 'tok ' };
  return index === deltas + 3 ? { type: 'text-end', id: '0' } : { type: 'finish', usage, finishReason };
}

/** Parts of a stream that are no deltas. */
export const otherParts = 5;

/** The cheapest source: makes a part when it is asked for one. */
export function pulledStream(deltas: number): ReadableStream<Part> {
  let index = 0;
  return new ReadableStream<Part>(
    {
      pull: controller => {
        controller.enqueue(partAt({ index, deltas }));
        index += 1;
        if (index === deltas + otherParts) controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}

/** What provider packages return: a stream piped through a transform. */
export function pipedStream(deltas: number): ReadableStream<Part> {
  return pulledStream(deltas).pipeThrough(passThrough());
}

/** How the SDK reads a model's stream. */
export function passThrough(): TransformStream<Part, Part> {
  return new TransformStream({ transform: (part, controller) => controller.enqueue(part) });
}

/** A stream that sends its first delta and then stays open in silence; `held` keeps it reachable, as a socket would. */
export function openStream(held: unknown[]): ReadableStream<Part> {
  let index = 0;
  return new ReadableStream<Part>(
    {
      pull: controller => {
        if (index === 0) held.push(controller);
        if (index === 4) return new Promise<void>(() => {});
        controller.enqueue(partAt({ index, deltas: 1_000 }));
        index += 1;
        return undefined;
      },
    },
    { highWaterMark: 0 },
  );
}

/** Reads a stream to its end; says how many parts it had. */
export async function drain(stream: ReadableStream<unknown>): Promise<number> {
  const reader = stream.getReader();
  for (let parts = 0; ; parts++) if ((await reader.read()).done) return parts;
}

/** Reads up to the first text, and hands the reader on. */
export async function readToText(stream: ReadableStream<Part>): Promise<ReadableStreamDefaultReader<Part>> {
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done || value.type === 'text-delta') return reader;
  }
}
