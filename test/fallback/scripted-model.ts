import {
  APICallError,
  type LanguageModelV4,
  type LanguageModelV4CallOptions,
  type LanguageModelV4Content,
  type LanguageModelV4FinishReason,
  type LanguageModelV4StreamPart,
  type LanguageModelV4Usage,
} from '@ai-sdk/provider';

/** What a scripted model does with one request, and when. A function acts out a turn of its own. */
export type Turn = {
  /** Rejects the request with this error; with `afterParts`, breaks the stream with it. */
  readonly error?: unknown;
  /** The text, one delta each. */
  readonly text?: readonly string[];
  /** Exact stream parts instead of those of `text`; content for doGenerate is `content`. */
  readonly parts?: readonly LanguageModelV4StreamPart[];
  readonly content?: readonly LanguageModelV4Content[];
  readonly finish?: LanguageModelV4FinishReason['unified'];
  /** Waited for before the request is answered; the signal does not end the wait unless `heedsSignal`. */
  readonly before?: PromiseLike<unknown>;
  /** Waited for behind this many parts. */
  readonly pause?: { readonly after: number; readonly until: PromiseLike<unknown> };
  /** Breaks the stream behind this many parts. */
  readonly breakAfter?: number;
  /** Never answers; rejects when the signal aborts, as `fetch` does. */
  readonly silent?: boolean;
  /** Does not reject even when the signal aborts. */
  readonly deaf?: boolean;
  readonly usage?: LanguageModelV4Usage;
  readonly modelId?: string;
};

/** A model that plays turns, and what it saw. */
export type ScriptedModel = LanguageModelV4 & {
  readonly calls: readonly LanguageModelV4CallOptions[];
  /** Streams that were cancelled, with the reason. */
  readonly cancelled: readonly unknown[];
  /** Signals that aborted while the request was open, with the reason. */
  readonly aborted: readonly unknown[];
  /** Parts that were pulled out of its streams. */
  readonly pulled: () => number;
};

export const usageOf = (input: number, output: number): LanguageModelV4Usage => ({
  inputTokens: { total: input, noCache: input, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: output, text: output, reasoning: 0 },
});

/** The parts of a streamed text answer. */
export function textParts({
  text,
  finish = 'stop',
  usage = usageOf(10, text.length),
  modelId,
}: {
  readonly text: readonly string[];
  readonly finish?: LanguageModelV4FinishReason['unified'];
  readonly usage?: LanguageModelV4Usage;
  readonly modelId?: string;
}): LanguageModelV4StreamPart[] {
  return [
    { type: 'stream-start', warnings: [] },
    ...(modelId === undefined ? [] : [{ type: 'response-metadata' as const, modelId }]),
    { type: 'text-start', id: 't' },
    ...text.map(delta => ({ type: 'text-delta' as const, id: 't', delta })),
    { type: 'text-end', id: 't' },
    { type: 'finish', usage, finishReason: { unified: finish, raw: finish } },
  ];
}

/** Makes a model that plays its turns in order, the last one again and again. */
export function scriptedModel({
  id,
  turns,
  provider = 'scripted',
  supportedUrls = {},
}: {
  readonly id: string;
  readonly turns: readonly Turn[] | ((call: number) => Turn);
  readonly provider?: string;
  readonly supportedUrls?: LanguageModelV4['supportedUrls'];
}): ScriptedModel {
  const calls: LanguageModelV4CallOptions[] = [];
  const cancelled: unknown[] = [];
  const aborted: unknown[] = [];
  let pulled = 0;

  const begin = async (options: LanguageModelV4CallOptions): Promise<Turn> => {
    const index = calls.length;
    calls.push(options);
    const turn = typeof turns === 'function' ? turns(index) : (turns[index] ?? turns.at(-1));
    if (turn === undefined) throw new Error('No turn was scripted.');
    const { abortSignal } = options;
    const onAbort = () => aborted.push(abortSignal?.reason);
    abortSignal?.addEventListener('abort', onAbort, { once: true });
    if (turn.deaf) await new Promise(() => {});
    if (turn.silent) await untilAborted(abortSignal);
    if (turn.before !== undefined) await turn.before;
    if (turn.error !== undefined && turn.breakAfter === undefined) throw turn.error;
    return turn;
  };

  return {
    specificationVersion: 'v4',
    provider,
    modelId: id,
    supportedUrls,
    calls,
    cancelled,
    aborted,
    pulled: () => pulled,
    doGenerate: async options => {
      const turn = await begin(options);
      const { text = [], finish = 'stop', modelId } = turn;
      const content =
        turn.content ?? (text.length === 0 ? [] : [{ type: 'text' as const, text: text.join('') }]);
      return {
        content: [...content],
        finishReason: { unified: finish, raw: finish },
        usage: turn.usage ?? usageOf(10, text.length),
        warnings: [],
        ...(modelId !== undefined && { response: { modelId } }),
      };
    },
    doStream: async options => {
      const turn = await begin(options);
      const parts = turn.parts ?? textParts({ text: turn.text ?? [], ...optional(turn) });
      const source = parts[Symbol.iterator]();
      let index = 0;
      const stream = new ReadableStream<LanguageModelV4StreamPart>(
        {
          pull: async controller => {
            if (index === turn.pause?.after)
              await Promise.race([turn.pause.until, abortOf(options.abortSignal)]);
            if (index === turn.breakAfter) {
              controller.error(turn.error);
              return;
            }
            index += 1;
            const next = source.next();
            if (next.done) {
              controller.close();
              return;
            }
            pulled += 1;
            controller.enqueue(next.value);
          },
          cancel: reason => {
            cancelled.push(reason);
          },
        },
        { highWaterMark: 0 },
      );
      return { stream };
    },
  };
}

function optional({ finish, usage, modelId }: Turn) {
  return {
    ...(finish !== undefined && { finish }),
    ...(usage !== undefined && { usage }),
    ...(modelId !== undefined && { modelId }),
  };
}

async function untilAborted(signal: AbortSignal | undefined): Promise<never> {
  await abortOf(signal);
  throw new Error('unreachable');
}

function abortOf(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal?.aborted) reject(signal.reason);
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/** An HTTP error as provider packages throw it. */
export function httpError({
  statusCode,
  data,
  headers,
}: {
  readonly statusCode?: number;
  readonly data?: unknown;
  readonly headers?: Record<string, string>;
}): APICallError {
  return new APICallError({
    message: 'scripted',
    url: 'http://127.0.0.1/',
    requestBodyValues: {},
    isRetryable: statusCode === undefined || statusCode >= 500 || statusCode === 429,
    ...(statusCode !== undefined && { statusCode }),
    ...(data !== undefined && { data }),
    ...(headers !== undefined && { responseHeaders: headers }),
  });
}

/** An HTTP 500. */
export const down = httpError({ statusCode: 500 });
