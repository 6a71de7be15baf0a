import {
  APICallError,
  type JSONObject,
  type LanguageModelV4StreamPart,
  LoadAPIKeyError,
  UnsupportedFunctionalityError,
} from '@ai-sdk/provider';
import { classifyFailure } from 'ai-composite';
import { describe, expect, test } from 'vitest';
import { type Cost, createPricing, type MeterEnd, type PricingOptions } from '../../../src/cost/index.ts';
import { anthropicAnswer, googleAnswer } from '../answers.ts';
import { modelOf, now } from '../replay.ts';

const price = { inputTokens: 1, cacheReadTokens: 0.1, outputTokens: 10 };
const callOptions = {
  prompt: [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'Is it sunny in Paris?' }] }],
};
/** One token for every four characters, so that estimates can be checked by hand. */
const estimateTokens = (text: string) => text.length / 4;

function settle({
  parts = [],
  end,
  provider = 'proxy.chat',
  modelId = 'm',
  options,
}: {
  readonly parts?: readonly LanguageModelV4StreamPart[];
  readonly end: MeterEnd;
  readonly provider?: string;
  readonly modelId?: string;
  readonly options?: PricingOptions;
}): Cost {
  const pricing = createPricing({
    now: () => now,
    onWarning: () => {},
    estimateTokens,
    catalog: false,
    prices: { 'proxy/*': price, 'openai/*': price, 'google/*': price, 'anthropic/*': price },
    ...options,
  });
  const meter = pricing.meter({ provider, modelId, callOptions });
  for (const part of parts) meter.observe(part);
  const cost = meter.settle(end);
  if (cost instanceof Promise) throw new Error('nothing had to be loaded');
  return cost;
}

const delta = (text: string): LanguageModelV4StreamPart => ({ type: 'text-delta', id: '1', delta: text });
const raw = (rawValue: unknown): LanguageModelV4StreamPart => ({ type: 'raw', rawValue });
const amounts = ({ lineItems }: Cost) =>
  Object.fromEntries(lineItems.map(({ bucket, quantity }) => [bucket, quantity]));

describe('an attempt that ended before its usage came', () => {
  test('OpenAI says nothing: input and the output that was seen are estimated, as a lower bound', () => {
    const cost = settle({
      provider: 'openai.responses',
      parts: [delta('Yes, it is '), delta('sunny today.')],
      end: { outcome: 'abort' },
    });
    // 21 characters of prompt and 23 of output, a quarter of a token each.
    expect(amounts(cost)).toEqual({ inputTokens: 5, outputTokens: 6 });
    expect(cost).toMatchObject({
      status: 'lower-bound',
      usdExact: '0.000065',
      flags: ['input-estimated', 'output-estimated', 'output-incomplete'],
    });
  });

  test('Google repeats exact counts with every chunk', () => {
    const usage = (answer: number) =>
      raw({
        usageMetadata: {
          promptTokenCount: 1_000,
          cachedContentTokenCount: 400,
          candidatesTokenCount: answer,
          thoughtsTokenCount: 50,
          totalTokenCount: 1_050 + answer,
        },
      });
    const cost = settle({
      provider: 'google.generative-ai',
      parts: [usage(10), delta('Yes'), usage(25), delta(', it is')],
      end: { outcome: 'abort' },
    });
    expect(amounts(cost)).toEqual({
      inputTokens: 600,
      cacheReadTokens: 400,
      outputTokens: 25,
      reasoningTokens: 50,
    });
    expect(cost).toMatchObject({ status: 'lower-bound', flags: ['output-incomplete'] });
  });

  describe('Google, in an answer that takes several requests', () => {
    const audio = [{ modality: 'AUDIO', tokenCount: 300 }];
    const grounding = { webSearchQueries: ['paris'] };
    const chunk = ({ usage, ...candidate }: { readonly usage?: object; readonly [key: string]: unknown }) =>
      raw({
        ...(usage !== undefined && { usageMetadata: usage }),
        candidates: [{ content: {}, ...candidate }],
      });
    const request = ({
      prompt,
      ends = 'CONTINUATION',
    }: {
      readonly prompt: number;
      readonly ends?: string;
    }) => [
      chunk({ usage: { promptTokenCount: prompt, candidatesTokenCount: 5, totalTokenCount: prompt + 5 } }),
      chunk({
        usage: {
          promptTokenCount: prompt,
          promptTokensDetails: audio,
          candidatesTokenCount: 500,
          totalTokenCount: prompt + 500,
        },
        groundingMetadata: grounding,
        finishReason: ends,
      }),
      delta('Yes'),
    ];
    const cut = (parts: readonly LanguageModelV4StreamPart[]) =>
      settle({
        provider: 'google.generative-ai',
        modelId: 'gemini-3.8-flash',
        parts,
        end: { outcome: 'abort' },
        options: {
          prices: {
            'google/*': {
              ...price,
              uses: { webSearch: 1 },
              // The first prompt is below the line, every other and the sum are above it.
              tiers: [{ aboveInputTokens: 1_200, inputTokens: 9, outputTokens: 90 }],
            },
          },
        },
      });

    test('the counts and searches of all of them count, at the tier of the first prompt', () => {
      const cost = cut([
        ...request({ prompt: 1_000 }),
        ...request({ prompt: 1_500 }),
        chunk({ usage: { promptTokenCount: 2_000, candidatesTokenCount: 70, totalTokenCount: 2_070 } }),
      ]);
      expect(amounts(cost)).toEqual({
        inputTokens: 3_900,
        inputAudioTokens: 600,
        outputTokens: 1_070,
        webSearch: 2,
      });
      // 4,500 x $1 + 1,070 x $10 per million, and a query of each request.
      expect(cost).toMatchObject({ status: 'lower-bound', usdExact: '2.0152' });
    });

    test('cut between two of them, the one that ended counts once', () => {
      expect(amounts(cut([...request({ prompt: 1_000 }), chunk({})]))).toEqual({
        inputTokens: 700,
        inputAudioTokens: 300,
        outputTokens: 500,
        webSearch: 1,
      });
    });
  });

  test('Google names the tier of a stream that was cut in its usage', () => {
    const usageMetadata = { promptTokenCount: 1_000, totalTokenCount: 1_000, serviceTier: 'flex' };
    expect(
      settle({
        provider: 'google.generative-ai',
        modelId: 'gemini-3.8-flash',
        parts: [raw({ usageMetadata })],
        end: { outcome: 'abort' },
      }),
    ).toMatchObject({ usdExact: '0.0005' }); // 1,000 x $1, halved
  });

  test('Google with output that no count covers yet: the input is exact, the output is estimated', () => {
    const cost = settle({
      provider: 'google.generative-ai',
      parts: [
        raw({ usageMetadata: { promptTokenCount: 1_000, totalTokenCount: 1_000 } }),
        delta('Yes, it is sunny'),
      ],
      end: { outcome: 'failure', error: new Error('reset') },
    });
    expect(amounts(cost)).toEqual({ inputTokens: 1_000, outputTokens: 4 });
    expect(cost.status).toBe('lower-bound');
  });

  test('Anthropic tells input and cache in its first event; only the output is estimated', () => {
    const start: LanguageModelV4StreamPart = {
      type: 'custom',
      kind: 'anthropic.message_start',
      providerMetadata: {
        anthropic: {
          usage: {
            input_tokens: 100,
            cache_read_input_tokens: 2_000,
            cache_creation_input_tokens: 0,
            output_tokens: 1,
          },
        },
      },
    };
    const cost = settle({
      provider: 'anthropic.messages',
      parts: [start, delta('Yes, it is sunny')],
      end: { outcome: 'abort' },
    });
    expect(amounts(cost)).toEqual({ inputTokens: 100, cacheReadTokens: 2_000, outputTokens: 4 });
    expect(cost.flags).toEqual(['output-estimated', 'output-incomplete']);
  });

  const start = (usage: JSONObject): LanguageModelV4StreamPart => ({
    type: 'custom',
    kind: 'anthropic.message_start',
    providerMetadata: { anthropic: { usage } },
  });

  test("Anthropic's last event, seen raw, is no whole usage", () => {
    const cost = settle({
      provider: 'anthropic.messages',
      parts: [
        start({ input_tokens: 100, output_tokens: 1 }),
        delta('Yes, it is sunny'),
        raw({ type: 'message_delta', usage: { output_tokens: 5 } }),
      ],
      end: { outcome: 'abort' },
    });
    expect(amounts(cost)).toEqual({ inputTokens: 100, outputTokens: 4 });
  });

  test('Anthropic before any output: nothing is estimated', () => {
    const cost = settle({
      provider: 'anthropic.messages',
      parts: [start({ input_tokens: 100, output_tokens: 3 })],
      end: { outcome: 'abort' },
    });
    expect(amounts(cost)).toEqual({ inputTokens: 100, outputTokens: 3 });
    expect(cost).toMatchObject({ status: 'lower-bound', flags: ['output-incomplete'] });
  });

  test('an estimate never goes below what was counted', () => {
    const cost = settle({
      provider: 'anthropic.messages',
      parts: [
        start({ input_tokens: 100, output_tokens: 13, output_tokens_details: { thinking_tokens: 5 } }),
        { type: 'reasoning-delta', id: 'r', delta: 'So' },
        delta('Yes'),
      ],
      end: { outcome: 'abort' },
    });
    expect(amounts(cost)).toEqual({ inputTokens: 100, outputTokens: 8, reasoningTokens: 5 });
  });

  test('Anthropic tells the kinds of cache writes and the tier in its first event too', () => {
    const cost = settle({
      provider: 'anthropic.messages',
      modelId: 'claude-opus-5-5',
      parts: [
        start({
          input_tokens: 100,
          cache_creation_input_tokens: 3_000,
          cache_creation: { ephemeral_5m_input_tokens: 1_000, ephemeral_1h_input_tokens: 2_000 },
          output_tokens: 1,
          speed: 'fast',
        }),
        delta('Yes, it is sunny'),
      ],
      end: { outcome: 'abort' },
      options: { prices: { 'anthropic/*': { ...price, cacheWriteTokens: 2, cacheWrite1hTokens: 3 } } },
    });
    // 100 x $1 + 1,000 x $2 + 2,000 x $3 + 4 x $10, doubled by fast mode.
    expect(cost).toMatchObject({ status: 'lower-bound', usdExact: '0.01628' });
  });

  test("Anthropic's searches are counted at the end; until then those that passed are, failed ones not", () => {
    const search = (isError: boolean): LanguageModelV4StreamPart => ({
      type: 'tool-result',
      toolCallId: 's',
      toolName: 'web',
      result: [],
      isError,
    });
    const meter = createPricing({ now: () => now, catalog: false, estimateTokens }).meter({
      provider: 'anthropic.messages',
      modelId: 'm',
      price: { inputTokens: 0, outputTokens: 0 },
      callOptions: {
        ...callOptions,
        tools: [{ type: 'provider', id: 'anthropic.web_search_20250305', name: 'web', args: {} }],
      },
    });
    const usage = { input_tokens: 1, output_tokens: 1, server_tool_use: { web_search_requests: 0 } };
    for (const part of [start(usage), search(false), search(true), search(false)]) meter.observe(part);
    expect(meter.settle({ outcome: 'abort' })).toMatchObject({ status: 'lower-bound', usdExact: '0.02' });
  });

  test('a server that sends usage as it goes has told the counts so far', () => {
    const chunk = (completion: number) =>
      raw({
        usage: { prompt_tokens: 1_000, completion_tokens: completion, total_tokens: 1_000 + completion },
      });
    const cost = settle({
      parts: [chunk(1), delta('Yes'), chunk(7), delta(' it is')],
      end: { outcome: 'abort' },
    });
    expect(amounts(cost)).toEqual({ inputTokens: 1_000, outputTokens: 7 });
    expect(cost.status).toBe('lower-bound');
  });

  test('reasoning that was seen is output too', () => {
    const cost = settle({
      parts: [{ type: 'reasoning-delta', id: '1', delta: 'Let me think' }, delta('Yes.')],
      end: { outcome: 'abort' },
    });
    expect(amounts(cost)).toEqual({ inputTokens: 5, outputTokens: 1, reasoningTokens: 3 });
  });

  test('tool arguments are counted once, though a stream sends them twice', () => {
    const input = '{"city":"Paris!"}';
    const parts: LanguageModelV4StreamPart[] = [
      { type: 'tool-input-delta', id: 'c', delta: input },
      { type: 'tool-call', toolCallId: 'c', toolName: 'weather', input },
    ];
    expect(amounts(settle({ parts, end: { outcome: 'abort' } })).outputTokens).toBe(4);
  });

  test('tool arguments that come whole are counted beside those that were streamed', () => {
    const parts: LanguageModelV4StreamPart[] = [
      { type: 'tool-input-delta', id: 'a', delta: '{"city":"Paris!"}' },
      { type: 'tool-call', toolCallId: 'a', toolName: 'weather', input: '{"city":"Paris!"}' },
      { type: 'tool-call', toolCallId: 'b', toolName: 'weather', input: '{"city":"London"}' },
    ];
    // Twice 17 characters, a quarter of a token each.
    expect(amounts(settle({ parts, end: { outcome: 'abort' } })).outputTokens).toBe(9);
  });

  test('an interrupted finish with counts is a lower bound of those counts', () => {
    const usage = {
      inputTokens: { total: 10, noCache: 10, cacheRead: 0, cacheWrite: undefined },
      outputTokens: { total: 5, text: 5, reasoning: 0 },
    };
    const finish: LanguageModelV4StreamPart = {
      type: 'finish',
      finishReason: { unified: 'interrupted', raw: undefined },
      usage,
    };
    const cost = settle({
      parts: [delta('x'), finish],
      end: { outcome: 'failure', error: new Error('cut') },
    });
    expect(amounts(cost)).toEqual({ inputTokens: 10, outputTokens: 5 });
    expect(cost.status).toBe('lower-bound');
  });

  test('an abort after the finish changes nothing', () => {
    const usage = {
      inputTokens: { total: 10, noCache: 10, cacheRead: 0, cacheWrite: undefined },
      outputTokens: { total: 5, text: 5, reasoning: 0 },
    };
    const finish: LanguageModelV4StreamPart = {
      type: 'finish',
      finishReason: { unified: 'stop', raw: 'stop' },
      usage,
    };
    expect(settle({ parts: [delta('x'), finish], end: { outcome: 'abort' } })).toMatchObject({
      status: 'priced',
      usdExact: '0.00006',
    });
  });

  test('an answer that was whole and not wanted is priced in full', () => {
    const usage = {
      inputTokens: { total: 10, noCache: 10, cacheRead: 0, cacheWrite: undefined },
      outputTokens: { total: 0, text: 0, reasoning: 0 },
    };
    expect(settle({ end: { outcome: 'failure', usage, error: new Error('empty') } })).toMatchObject({
      status: 'priced',
      usdExact: '0.00001',
    });
  });

  test('a hundred thousand parts leave a kilobyte behind, and the estimate follows the length', () => {
    const parts = Array.from({ length: 100_000 }, () => delta('1234567890'));
    const cost = settle({ parts, end: { outcome: 'abort' } });
    expect(amounts(cost).outputTokens).toBe(250_000);
  });

  test('the served model stays known when later metadata does not name it', () => {
    const parts: LanguageModelV4StreamPart[] = [
      { type: 'response-metadata', modelId: 'served' },
      { type: 'response-metadata', id: 'x' },
    ];
    expect(
      settle({
        parts,
        end: { outcome: 'abort' },
        options: { prices: { 'proxy/served': price, 'proxy/m': { inputTokens: 99, outputTokens: 99 } } },
      }).priceOf,
    ).toBe('proxy/served');
  });

  test('an unknown price stays unknown, however the attempt ended', () => {
    expect(settle({ provider: 'nobody', parts: [delta('x')], end: { outcome: 'abort' } })).toMatchObject({
      status: 'unknown',
      lineItems: [],
    });
  });

  test("Claude's texts are taken for more tokens than others, by the built-in estimator only", async () => {
    const text = 'The quick brown fox jumps over the lazy dog. '.repeat(20);
    const output = async ({ modelId, own }: { readonly modelId: string; readonly own: PricingOptions }) => {
      const meter = createPricing({ catalog: false, prices: { 'proxy/*': price }, ...own }).meter({
        provider: 'proxy',
        modelId,
        callOptions,
      });
      meter.observe(delta(text));
      return amounts(await meter.settle({ outcome: 'abort' })).outputTokens ?? 0;
    };
    const ratio = async (own: PricingOptions) =>
      (await output({ modelId: 'claude-x', own })) / (await output({ modelId: 'other', own }));
    expect(await ratio({})).toBeCloseTo(1.3, 1);
    expect(await ratio({ estimateTokens })).toBe(1);
  });
});

describe('an attempt that failed before any output', () => {
  const refused = (statusCode: number) =>
    new APICallError({ message: 'no', url: 'http://127.0.0.1', requestBodyValues: {}, statusCode });

  test.each([400, 401, 403, 404, 413, 422, 429, 500, 502, 503, 529])(
    'costs nothing when the provider refused it with %i',
    statusCode => {
      expect(settle({ end: { outcome: 'failure', error: refused(statusCode) } })).toEqual({
        status: 'priced',
        usd: 0,
        usdExact: '0',
        lineItems: [],
        source: 'not-billed',
      });
    },
  );

  test('costs nothing also where the price is unknown', () => {
    expect(settle({ provider: 'nobody', end: { outcome: 'failure', error: refused(503) } })).toMatchObject({
      status: 'priced',
      usd: 0,
    });
  });

  test.each([408, 499, 504, 522, 524, 598])(
    'is a lower bound when a gateway gave up waiting (%i): the provider may still work',
    statusCode => {
      expect(settle({ end: { outcome: 'failure', error: refused(statusCode) } })).toMatchObject({
        status: 'lower-bound',
        usdExact: '0.000005',
      });
      expect(classifyFailure({ error: refused(statusCode), nowMs: 0 }).kind).toBe('timeout');
    },
  );

  test('is a lower bound when the code of the provider says so under another status', () => {
    const error = Object.assign(refused(500), {
      data: { error: { code: 'ResponseTimeout', message: 'words' } },
    });
    expect(settle({ end: { outcome: 'failure', error } })).toMatchObject({ status: 'lower-bound' });
    expect(classifyFailure({ error, nowMs: 0 }).kind).toBe('timeout');
  });

  test('costs nothing when the connection was refused', () => {
    const cause = Object.assign(new TypeError('fetch failed'), {
      cause: Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }),
    });
    const error = new APICallError({
      message: 'Cannot connect',
      url: 'http://127.0.0.1',
      requestBodyValues: {},
      cause,
    });
    expect(settle({ end: { outcome: 'failure', error } })).toMatchObject({ usd: 0, source: 'not-billed' });
  });

  test('costs nothing when the package refused to send it', () => {
    for (const error of [
      new LoadAPIKeyError({ message: 'no key' }),
      new Error('AWS SigV4 authentication requires AWS credentials. Please provide either:'),
      new Error('Could not load the default credentials. Browse to https://cloud.google.com/docs'),
      new UnsupportedFunctionalityError({ functionality: 'x' }),
    ]) {
      expect(settle({ end: { outcome: 'failure', error } })).toMatchObject({ usd: 0, source: 'not-billed' });
    }
  });

  test('is a lower bound when the connection was reset or the time was over: the provider may have worked', () => {
    const cause = Object.assign(new Error('reset'), { code: 'ECONNRESET' });
    const error = new APICallError({
      message: 'Cannot connect',
      url: 'http://127.0.0.1',
      requestBodyValues: {},
      cause,
    });
    expect(settle({ end: { outcome: 'failure', error } }).status).toBe('lower-bound');
    expect(settle({ end: { outcome: 'failure', error: new Error('timeout') } }).status).toBe('lower-bound');
  });

  test('is a lower bound when the answer came and could not be read', () => {
    expect(settle({ end: { outcome: 'failure', error: refused(200) } }).status).toBe('lower-bound');
  });

  test.each<[string, LanguageModelV4StreamPart]>([
    ['a tool call', { type: 'tool-call', toolCallId: 'c', toolName: 't', input: '{}' }],
    ['a tool result', { type: 'tool-result', toolCallId: 'c', toolName: 't', result: 'x' }],
    ['tool input', { type: 'tool-input-delta', id: 'c', delta: '{' }],
    ['reasoning', { type: 'reasoning-delta', id: 'r', delta: 'so' }],
    ['a file', { type: 'file', mediaType: 'image/png', data: { type: 'data', data: 'AAAA' } }],
  ])('is a lower bound with %s, whatever the error says', (_, part) => {
    expect(settle({ parts: [part], end: { outcome: 'failure', error: refused(500) } }).status).toBe(
      'lower-bound',
    );
  });

  test('is a lower bound with output, whatever the error says', () => {
    expect(
      settle({ parts: [delta('Yes, it is')], end: { outcome: 'failure', error: refused(500) } }).status,
    ).toBe('lower-bound');
  });
});

describe('the real packages, read to the middle', () => {
  async function readTo({
    model,
    count,
  }: {
    readonly model: ReturnType<typeof modelOf>;
    readonly count: number;
  }): Promise<LanguageModelV4StreamPart[]> {
    const { stream } = await model.doStream({ ...callOptions, includeRawChunks: true });
    const reader = stream.getReader();
    const parts: LanguageModelV4StreamPart[] = [];
    while (parts.length < count) {
      const { done, value } = await reader.read();
      if (done) break;
      parts.push(value);
    }
    await reader.cancel();
    return parts;
  }

  test('Google: the first chunk has the counts', async () => {
    const answer = googleAnswer({
      usage: { promptTokenCount: 12, candidatesTokenCount: 3, totalTokenCount: 15 },
    });
    const parts = await readTo({
      model: modelOf({ package: 'google', modelId: 'gemini-3.8-flash', answer }),
      count: 4,
    });
    expect(amounts(settle({ provider: 'google.generative-ai', parts, end: { outcome: 'abort' } }))).toEqual({
      inputTokens: 12,
      outputTokens: 3,
    });
  });

  test('Anthropic: the first event has input and cache', async () => {
    const answer = anthropicAnswer({
      model: 'claude-opus-5-5',
      usage: { input_tokens: 12, cache_read_input_tokens: 34, output_tokens: 5 },
    });
    const parts = await readTo({
      model: modelOf({ package: 'anthropic', modelId: 'claude-opus-5-5', answer }),
      count: 5,
    });
    expect(
      amounts(settle({ provider: 'anthropic.messages', parts, end: { outcome: 'abort' } })),
    ).toMatchObject({ inputTokens: 12, cacheReadTokens: 34 });
  });
});

describe('raw chunks', () => {
  const wants = (provider: string, more: object = {}) =>
    createPricing({ catalog: false }).wantsRawChunks({
      provider,
      modelId: 'm',
      callOptions: { ...callOptions, ...more },
    });

  test('are wanted of Gemini, and of chat completions, whose package may hide what was served', () => {
    expect(wants('google.generative-ai')).toBe(true);
    expect(wants('google.vertex.chat')).toBe(true);
    expect(wants('anthropic.messages')).toBe(false);
    expect(wants('vertex.anthropic.messages')).toBe(false);
    expect(wants('openai.responses')).toBe(false);
    expect(wants('openai.chat')).toBe(true);
    expect(wants('azure.chat')).toBe(true);
  });

  test('stay wanted of a server whose package does not find the one usage it sends', () => {
    const pricing = createPricing({ catalog: false, onWarning: () => {} });
    const call = { provider: 'proxy.chat', modelId: 'm', callOptions };
    const meter = pricing.meter(call);
    meter.observe(raw({ choices: [{ usage: { prompt_tokens: 1, completion_tokens: 1 } }] }));
    const usage = {
      inputTokens: { total: undefined, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
      outputTokens: { total: undefined, text: undefined, reasoning: undefined },
    };
    meter.observe({ type: 'finish', finishReason: { unified: 'stop', raw: 'stop' }, usage });
    meter.settle({ outcome: 'success' });
    expect(pricing.wantsRawChunks(call)).toBe(true);
  });

  test('are wanted of another server until its first stream showed that they say nothing more', () => {
    const pricing = createPricing({ catalog: false, onWarning: () => {} });
    const call = { provider: 'proxy.chat', modelId: 'm', callOptions };
    const usage = {
      inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: undefined },
      outputTokens: { total: 1, text: 1, reasoning: 0 },
    };
    const stream = (usages: number) => {
      const meter = pricing.meter(call);
      for (let count = 0; count < usages; count++)
        meter.observe(raw({ usage: { prompt_tokens: 1, completion_tokens: 1 } }));
      meter.observe({ type: 'finish', finishReason: { unified: 'stop', raw: 'stop' }, usage });
      meter.settle({ outcome: 'success' });
    };
    expect(pricing.wantsRawChunks(call)).toBe(true);
    stream(3);
    expect(pricing.wantsRawChunks(call)).toBe(true);
    stream(1);
    expect(pricing.wantsRawChunks(call)).toBe(false);
    // The served tier shows in raw chunks only, so a call that asks for one always wants them.
    const providerOptions = { proxy: { service_tier: 'flex' } };
    expect(pricing.wantsRawChunks({ ...call, callOptions: { ...callOptions, providerOptions } })).toBe(true);
  });

  test('are wanted on of a server whose counts or costs the package drops', () => {
    const wantsAfter = (usage: object) => {
      const pricing = createPricing({ catalog: false, onWarning: () => {} });
      const call = { provider: 'proxy.chat', modelId: 'm', callOptions };
      const meter = pricing.meter(call);
      meter.observe(raw({ usage: { prompt_tokens: 10, completion_tokens: 1, queue_time: 0.1, ...usage } }));
      meter.observe({
        type: 'finish',
        finishReason: { unified: 'stop', raw: 'stop' },
        usage: {
          inputTokens: { total: 10, noCache: 10, cacheRead: 0, cacheWrite: undefined },
          outputTokens: { total: 1, text: 1, reasoning: 0 },
          raw: { prompt_tokens: 10, completion_tokens: 1 },
        },
      });
      meter.settle({ outcome: 'success' });
      return pricing.wantsRawChunks(call);
    };
    expect(wantsAfter({})).toBe(false);
    expect(wantsAfter({ prompt_tokens_details: { audio_tokens: 0 } })).toBe(false);
    expect(wantsAfter({ prompt_cache_hit_tokens: 4 })).toBe(true);
    expect(wantsAfter({ cost: 0.25 })).toBe(true);
    expect(wantsAfter({ cost: { total_cost: 0.25 } })).toBe(true);
  });

  test.each([
    ['default', false],
    ['on_demand', false],
    ['priority', true],
    ['flex', true],
  ])('are wanted on where a tier was served that nobody asked for (%s)', (tier, expected) => {
    const pricing = createPricing({ catalog: false, onWarning: () => {} });
    const call = { provider: 'openai.chat', modelId: 'm', callOptions };
    const meter = pricing.meter(call);
    const wire = { prompt_tokens: 10, completion_tokens: 1 };
    meter.observe(raw({ service_tier: tier, usage: wire }));
    meter.observe({
      type: 'finish',
      finishReason: { unified: 'stop', raw: 'stop' },
      usage: {
        inputTokens: { total: 10, noCache: 10, cacheRead: 0, cacheWrite: undefined },
        outputTokens: { total: 1, text: 1, reasoning: 0 },
        raw: wire,
      },
    });
    meter.settle({ outcome: 'success' });
    expect(pricing.wantsRawChunks(call)).toBe(expected);
    // Audio counts and the served tier show in raw chunks only: calls with audio or a tier always want them.
    const audio = [
      {
        role: 'user' as const,
        content: [
          { type: 'file' as const, mediaType: 'audio/wav', data: { type: 'data' as const, data: '' } },
        ],
      },
    ];
    const providerOptions = { openai: { serviceTier: 'flex' } };
    expect(pricing.wantsRawChunks({ ...call, callOptions: { prompt: audio } })).toBe(true);
    expect(pricing.wantsRawChunks({ ...call, callOptions: { ...callOptions, providerOptions } })).toBe(true);
  });
});
