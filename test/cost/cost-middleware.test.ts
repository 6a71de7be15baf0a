import { getEventListeners } from 'node:events';
import type { LanguageModelV4StreamPart } from '@ai-sdk/provider';
import { generateText, streamText, wrapLanguageModel } from 'ai';
import { convertArrayToReadableStream, MockLanguageModelV4 } from 'ai/test';
import { describe, expect, test } from 'vitest';
import { type Cost, costMiddleware } from '../../src/cost/index.ts';
import { chatAnswer, responsesAnswer } from './answers.ts';
import { modelOf, now } from './replay.ts';

const usage = { input_tokens: 1_000, output_tokens: 100, total_tokens: 1_100 };
const price = { inputTokens: 1, outputTokens: 10 };
const answer = responsesAnswer({ model: 'gpt-6-sol', usage });
const openai = () => modelOf({ package: 'responses', modelId: 'gpt-6-sol', answer });
const counts = {
  inputTokens: { total: 4, noCache: 4, cacheRead: 0, cacheWrite: undefined },
  outputTokens: { total: 2, text: 2, reasoning: 0 },
};

function metered({
  model,
  ...settings
}: { readonly model: Parameters<typeof wrapLanguageModel>[0]['model'] } & Parameters<
  typeof costMiddleware
>[0]) {
  const costs: Cost[] = [];
  return {
    costs,
    model: wrapLanguageModel({
      model,
      middleware: costMiddleware({ now: () => now, price, onCost: cost => costs.push(cost), ...settings }),
    }),
  };
}

describe('the cost middleware alone', () => {
  test('puts the cost on the result of generateText, beside the metadata of the provider', async () => {
    const { model, costs } = metered({ model: openai() });
    const { providerMetadata } = await generateText({ model, prompt: 'hi' });
    expect(providerMetadata?.composite?.cost).toMatchObject({ status: 'priced', usdExact: '0.002' });
    expect(providerMetadata?.openai).toBeDefined();
    expect(costs).toEqual([providerMetadata?.composite?.cost]);
  });

  test('puts the cost on the finish of a stream', async () => {
    const { model, costs } = metered({ model: openai() });
    const result = streamText({ model, prompt: 'hi' });
    expect(await result.text).toBe('Yes.');
    expect((await result.providerMetadata)?.composite?.cost).toMatchObject({ usdExact: '0.002' });
    expect(costs).toHaveLength(1);
  });

  test('needs no settings: list prices are loaded at the first call', async () => {
    const model = wrapLanguageModel({
      model: openai(),
      middleware: costMiddleware({ now: () => now, onWarning: () => {} }),
    });
    const { providerMetadata } = await generateText({ model, prompt: 'hi' });
    expect(providerMetadata?.composite?.cost).toMatchObject({ usdExact: '0.003', source: 'catalog' });
  });

  test('bills a stream that the reader stops, once, and forwards the stop', async () => {
    let cancelled: unknown;
    const parts: LanguageModelV4StreamPart[] = [
      { type: 'stream-start', warnings: [] },
      { type: 'text-start', id: '1' },
      { type: 'text-delta', id: '1', delta: 'Yes, it is sunny.' },
    ];
    const stream = new ReadableStream<LanguageModelV4StreamPart>({
      pull: controller => controller.enqueue(parts.shift() ?? { type: 'text-delta', id: '1', delta: '.' }),
      cancel: reason => {
        cancelled = reason;
      },
    });
    const { model, costs } = metered({
      model: new MockLanguageModelV4({ doStream: async () => ({ stream }) }),
    });
    const reader = (
      await model.doStream({ prompt: [{ role: 'user', content: [{ type: 'text', text: 'Is it sunny?' }] }] })
    ).stream.getReader();
    for (let count = 0; count < 3; count++) await reader.read();
    await reader.cancel('enough');
    expect(cancelled).toBe('enough');
    expect(costs).toHaveLength(1);
    expect(costs[0]).toMatchObject({
      status: 'lower-bound',
      flags: ['input-estimated', 'output-estimated', 'output-incomplete'],
    });
  });

  test.each([0, 1])('bills a stream that is aborted and not read on (%i parts read)', async count => {
    const { model, costs } = metered({
      model: modelOf({
        package: 'chat',
        modelId: 'gpt-6-sol',
        answer: chatAnswer({ model: 'gpt-6-sol', usage }),
      }),
    });
    const stop = new AbortController();
    const { stream } = await model.doStream({
      prompt: [{ role: 'user', content: [{ type: 'text', text: 'Is it sunny?' }] }],
      abortSignal: stop.signal,
    });
    const reader = stream.getReader();
    for (let index = 0; index < count; index++) await reader.read();
    stop.abort(new Error('stop'));
    await Promise.resolve();
    expect(costs.map(({ status }) => status)).toEqual(['lower-bound']);
  });

  test('leaves no listener on the signal of a call that ended', async () => {
    const stop = new AbortController();
    const parts: LanguageModelV4StreamPart[] = [
      { type: 'finish', finishReason: { unified: 'stop', raw: 'stop' }, usage: counts },
    ];
    const { model, costs } = metered({
      model: new MockLanguageModelV4({
        doStream: async () => ({ stream: convertArrayToReadableStream(parts) }),
      }),
    });
    const { stream } = await model.doStream({ prompt: [], abortSignal: stop.signal });
    expect(getEventListeners(stop.signal, 'abort')).toHaveLength(1);
    for await (const _ of stream);
    expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
    stop.abort();
    expect(costs).toMatchObject([{ status: 'priced' }]);
  });

  test('bills a stream that breaks, and passes the error on', async () => {
    const stream = new ReadableStream<LanguageModelV4StreamPart>({
      start: controller => {
        controller.enqueue({ type: 'text-delta', id: '1', delta: 'Yes' });
      },
      pull: () => Promise.reject(new Error('reset')),
    });
    const { model, costs } = metered({
      model: new MockLanguageModelV4({ doStream: async () => ({ stream }) }),
    });
    const reader = (await model.doStream({ prompt: [] })).stream.getReader();
    await reader.read();
    await expect(reader.read()).rejects.toThrow('reset');
    expect(costs.map(({ status }) => status)).toEqual(['lower-bound']);
  });

  test('bills a stream that ends without a finish', async () => {
    const stream = convertArrayToReadableStream<LanguageModelV4StreamPart>([
      { type: 'text-delta', id: '1', delta: 'Yes' },
    ]);
    const { model, costs } = metered({
      model: new MockLanguageModelV4({ doStream: async () => ({ stream }) }),
    });
    for await (const _ of (await model.doStream({ prompt: [] })).stream);
    expect(costs.map(({ status }) => status)).toEqual(['lower-bound']);
  });

  test.each([
    ['interrupted', 'lower-bound'],
    ['error', 'lower-bound'],
    ['length', 'priced'],
  ] as const)('bills a stream that finishes with %s as %s', async (unified, status) => {
    const stream = convertArrayToReadableStream<LanguageModelV4StreamPart>([
      { type: 'text-delta', id: '1', delta: 'Yes' },
      { type: 'finish', finishReason: { unified, raw: undefined }, usage: counts },
    ]);
    const { model, costs } = metered({
      model: new MockLanguageModelV4({ doStream: async () => ({ stream }) }),
    });
    for await (const _ of (await model.doStream({ prompt: [] })).stream);
    expect(costs).toMatchObject([{ status, usdExact: '0.000024' }]); // 4 x $1 + 2 x $10
  });

  test('bills a stream that a provider refused after it began, at nothing', async () => {
    const stream = convertArrayToReadableStream<LanguageModelV4StreamPart>([
      { type: 'stream-start', warnings: [] },
      { type: 'error', error: Object.assign(new Error('overloaded'), { statusCode: 529 }) },
    ]);
    const { model, costs } = metered({
      model: new MockLanguageModelV4({ doStream: async () => ({ stream }) }),
    });
    for await (const _ of (await model.doStream({ prompt: [] })).stream);
    expect(costs).toMatchObject([{ usd: 0, source: 'not-billed' }]);
  });

  test('tells a refused call and an aborted one apart: the first costs nothing, of the second that is not known', async () => {
    const refused = metered({
      model: new MockLanguageModelV4({
        doGenerate: async () => Promise.reject(Object.assign(new Error('no'), { statusCode: 401 })),
      }),
    });
    await expect(refused.model.doGenerate({ prompt: [] })).rejects.toThrow('no');
    expect(refused.costs).toMatchObject([{ usd: 0, source: 'not-billed' }]);

    const stop = AbortSignal.abort(new Error('stop'));
    const aborted = metered({
      model: new MockLanguageModelV4({
        doGenerate: async ({ abortSignal }) => Promise.reject(abortSignal?.reason),
      }),
    });
    await expect(aborted.model.doGenerate({ prompt: [], abortSignal: stop })).rejects.toThrow('stop');
    expect(aborted.costs.map(({ status }) => status)).toEqual(['lower-bound']);
  });

  test('hides the raw chunks it asked for, and leaves those the caller asked for', async () => {
    const parts: LanguageModelV4StreamPart[] = [
      { type: 'raw', rawValue: { usageMetadata: { promptTokenCount: 4, totalTokenCount: 4 } } },
      { type: 'finish', finishReason: { unified: 'stop', raw: 'STOP' }, usage: counts },
    ];
    const run = async (includeRawChunks?: boolean) => {
      const asked: unknown[] = [];
      const inner = new MockLanguageModelV4({
        provider: 'google.generative-ai',
        doStream: async options => {
          asked.push(options.includeRawChunks);
          return { stream: convertArrayToReadableStream(parts) };
        },
      });
      const types: string[] = [];
      const { stream } = await metered({ model: inner }).model.doStream({
        prompt: [],
        ...(includeRawChunks !== undefined && { includeRawChunks }),
      });
      for await (const { type } of stream) types.push(type);
      return { asked, types };
    };
    expect(await run()).toEqual({ asked: [true], types: ['finish'] });
    expect(await run(true)).toEqual({ asked: [true], types: ['raw', 'finish'] });
  });

  test('a callback that throws costs nothing', async () => {
    const model = wrapLanguageModel({
      model: openai(),
      middleware: costMiddleware({
        price,
        onCost: () => {
          throw new Error('broken');
        },
      }),
    });
    expect((await generateText({ model, prompt: 'hi' })).text).toBe('Yes.');
  });
});
