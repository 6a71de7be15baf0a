import type { LanguageModelV2, LanguageModelV2Usage, SharedV2ProviderMetadata } from '@ai-sdk/provider';
import { wrapLanguageModel } from 'ai';
import { describe, expect, test } from 'vitest';
import { type Cost, costMiddleware } from '../../../src/cost/index.ts';

const price = {
  inputTokens: 1,
  cacheReadTokens: 0.1,
  cacheWriteTokens: 1.25,
  cacheWrite1hTokens: 2,
  outputTokens: 10,
};

type Old = {
  readonly usage: Partial<LanguageModelV2Usage>;
  readonly providerMetadata?: SharedV2ProviderMetadata;
  readonly body?: unknown;
};

/** A model of the SDK's version 5; wrapping it upgrades it. */
function oldModel({ usage, providerMetadata, body }: Old): LanguageModelV2 {
  const counts = { inputTokens: undefined, outputTokens: undefined, totalTokens: undefined, ...usage };
  const metadata = providerMetadata === undefined ? {} : { providerMetadata };
  return {
    specificationVersion: 'v2',
    provider: 'old',
    modelId: 'm',
    supportedUrls: {},
    doGenerate: async () => ({
      content: [{ type: 'text', text: 'Yes.' }],
      finishReason: 'stop',
      usage: counts,
      warnings: [],
      response: { body },
      ...metadata,
    }),
    doStream: async () => ({
      stream: new ReadableStream({
        start: controller => {
          controller.enqueue({ type: 'stream-start', warnings: [] });
          controller.enqueue({ type: 'text-delta', id: '0', delta: 'Yes.' });
          controller.enqueue({ type: 'finish', finishReason: 'stop', usage: counts, ...metadata });
          controller.close();
        },
      }),
    }),
  };
}

async function costOf({ mode, ...old }: Old & { readonly mode: 'generate' | 'stream' }) {
  const costs: Cost[] = [];
  const model = wrapLanguageModel({
    model: oldModel(old),
    middleware: costMiddleware({ price, catalog: false, onCost: cost => costs.push(cost) }),
  });
  if (mode === 'generate') await model.doGenerate({ prompt: [] });
  else for await (const _ of (await model.doStream({ prompt: [] })).stream);
  const cost = costs[0];
  return {
    status: cost?.status,
    usdExact: cost?.usdExact,
    ...Object.fromEntries(cost?.lineItems.map(({ bucket, quantity }) => [bucket, quantity]) ?? []),
  };
}

describe.each(['generate', 'stream'] as const)('a model the SDK upgraded, %s', mode => {
  test('has cache and reasoning inside where its sum says so', async () => {
    const usage = {
      inputTokens: 1_000,
      cachedInputTokens: 600,
      outputTokens: 500,
      reasoningTokens: 320,
      totalTokens: 1_500,
    };
    // 400 x $1 + 600 x $0.10 + 500 x $10 per million.
    expect(await costOf({ mode, usage })).toEqual({
      status: 'priced',
      inputTokens: 400,
      cacheReadTokens: 600,
      outputTokens: 180,
      reasoningTokens: 320,
      usdExact: '0.00546',
    });
  });

  test('has reasoning outside where its sum says so, though it is less than the output', async () => {
    const usage = { inputTokens: 100, outputTokens: 500, reasoningTokens: 320, totalTokens: 920 };
    // 100 x $1 + 820 x $10 per million.
    expect(await costOf({ mode, usage })).toEqual({
      status: 'priced',
      inputTokens: 100,
      outputTokens: 500,
      reasoningTokens: 320,
      usdExact: '0.0083',
    });
  });

  test('of Anthropic has its own usage in the metadata: cache is outside of the input', async () => {
    const own = {
      input_tokens: 1_000,
      cache_read_input_tokens: 600,
      cache_creation_input_tokens: 300,
      cache_creation: { ephemeral_5m_input_tokens: 100, ephemeral_1h_input_tokens: 200 },
      output_tokens: 10,
    };
    const usage = { inputTokens: 1_000, cachedInputTokens: 600, outputTokens: 10, totalTokens: 1_010 };
    const providerMetadata = { anthropic: { usage: own, cacheCreationInputTokens: 300 } };
    // 1,000 x $1 + 600 x $0.10 + 100 x $1.25 + 200 x $2 + 10 x $10 per million.
    expect(await costOf({ mode, usage, providerMetadata })).toEqual({
      status: 'priced',
      inputTokens: 1_000,
      cacheReadTokens: 600,
      cacheWriteTokens: 100,
      cacheWrite1hTokens: 200,
      outputTokens: 10,
      usdExact: '0.001685',
    });
  });

  test('of Google has its own usage in the metadata: what tools put into the prompt is told apart', async () => {
    const usageMetadata = {
      promptTokenCount: 100,
      toolUsePromptTokenCount: 50,
      candidatesTokenCount: 20,
      thoughtsTokenCount: 30,
      totalTokenCount: 200,
    };
    const usage = { inputTokens: 100, outputTokens: 20, reasoningTokens: 30, totalTokens: 200 };
    expect(await costOf({ mode, usage, providerMetadata: { google: { usageMetadata } } })).toMatchObject({
      status: 'priced',
      inputTokens: 150,
      outputTokens: 20,
      reasoningTokens: 30,
    });
  });

  test('that counts nothing is estimated', async () => {
    expect(await costOf({ mode, usage: {} })).toMatchObject({ status: 'estimated', outputTokens: 2 });
  });
});
