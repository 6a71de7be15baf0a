import { createAnthropic } from '@ai-sdk/anthropic';
import { anthropicModelCatalog } from '@ai-sdk/anthropic/internal';
import { createGoogle } from '@ai-sdk/google';
import { getGoogleLanguageModelEntry } from '@ai-sdk/google/internal';
import { createOpenAI } from '@ai-sdk/openai';
import { openaiModelCatalog } from '@ai-sdk/openai/internal';
import type { LanguageModelV4CallOptions, ModelEntry } from '@ai-sdk/provider';
import { createComposite, createPriceCatalog, type PriceCatalog } from 'ai-composite';
import { describe, expect, test } from 'vitest';
import { scriptedModel } from '../../fallback/scripted-model.ts';
import { call } from '../../testing/call.ts';

const key = { apiKey: 'test' };
const openai = createOpenAI(key);
const anthropic = createAnthropic(key);
const google = createGoogle(key);
const modelCatalogs = {
  openai: openaiModelCatalog,
  anthropic: anthropicModelCatalog,
  google: getGoogleLanguageModelEntry,
};

const audio: LanguageModelV4CallOptions['prompt'] = [
  {
    role: 'user',
    content: [{ type: 'file', mediaType: 'audio/wav', data: { type: 'data', data: 'AA==' } }],
  },
];

/** Whom a plan skips, and why. */
async function skippedBy({
  options,
  capabilities,
}: {
  readonly options: Partial<LanguageModelV4CallOptions>;
  readonly capabilities?: { readonly audio?: boolean };
}) {
  const ai = createComposite({
    tasks: {
      chat: [
        openai('gpt-4.1'),
        openai('gpt-5-chat-latest'),
        { model: anthropic('claude-sonnet-5'), ...(capabilities && { capabilities }) },
        google('gemini-3.8-flash'),
        openai('gpt-99'),
      ],
    },
    modelCatalogs,
    pricing: { catalog: false },
  });
  return (await ai.plan(call({ tools: [], ...options }))).skipped;
}

describe('the catalogs of the provider packages', () => {
  test('keep requests from models that cannot serve them; what they do not know is allowed', async () => {
    const reason = 'declared without audio, which the request needs';
    expect(await skippedBy({ options: { prompt: audio } })).toEqual([
      { candidate: 'openai/gpt-4.1', reason },
      { candidate: 'openai/gpt-5-chat-latest', reason },
      { candidate: 'anthropic/claude-sonnet-5', reason },
    ]);
  });

  test.each<
    readonly [what: string, options: Partial<LanguageModelV4CallOptions>, skipped: readonly string[]]
  >([
    ['a reasoning effort', { reasoning: 'high' }, ['openai/gpt-4.1', 'openai/gpt-5-chat-latest']],
    ['tools', { tools: call().tools ?? [] }, ['openai/gpt-5-chat-latest']],
    [
      'JSON with a schema',
      { responseFormat: { type: 'json', schema: { type: 'object' } } },
      ['openai/gpt-5-chat-latest'],
    ],
    ['nothing special', {}, []],
  ])('know who can do: %s', async (_what, options, skipped) => {
    expect((await skippedBy({ options })).map(({ candidate }) => candidate)).toEqual(skipped);
  });

  test('give way to what the user declares', async () => {
    const skipped = await skippedBy({ options: { prompt: audio }, capabilities: { audio: true } });
    expect(skipped.map(({ candidate }) => candidate)).toEqual(['openai/gpt-4.1', 'openai/gpt-5-chat-latest']);
  });

  test('say nothing in a format that is not the one of the SDK', async () => {
    // A catalog of another version; the types forbid it, so here is the one cast.
    const foreign = { one: { inputs: ['text'] } } as unknown as Record<string, ModelEntry>;
    const ai = createComposite({
      tasks: { chat: [scriptedModel({ id: 'one', turns: [] }), scriptedModel({ id: 'two', turns: [] })] },
      modelCatalogs: { scripted: foreign },
      pricing: { catalog: false },
    });
    expect((await ai.plan(call({ prompt: audio }))).skipped).toEqual([]);
  });
});

test('a catalog that throws says nothing', async () => {
  const ai = createComposite({
    tasks: { chat: [scriptedModel({ id: 'one', turns: [] }), scriptedModel({ id: 'two', turns: [] })] },
    modelCatalogs: {
      scripted: modelId => {
        throw new Error(`no such model: ${modelId}`);
      },
    },
    pricing: { catalog: false },
  });
  expect((await ai.plan(call({ prompt: audio }))).skipped).toEqual([]);
});

describe('the context window of the price catalog', () => {
  const long = call({
    tools: [],
    prompt: [{ role: 'user', content: [{ type: 'text', text: 'x'.repeat(300_000) }] }],
  });

  const compose = (pricing: { readonly catalog?: PriceCatalog | false } = {}) =>
    createComposite({
      tasks: { chat: [openai('gpt-4o'), openai('gpt-6-sol')] },
      pricing: { ...pricing, estimateTokens: text => text.length, onWarning: () => {} },
    });

  test('keeps a request from a model that it does not fit; a plan waits for it', async () => {
    const { skipped, steps } = await compose().plan(long);
    expect(skipped).toEqual([
      {
        candidate: 'openai/gpt-4o',
        reason: 'about 300000 input tokens, the context window is 128000',
      },
    ]);
    expect(steps.map(({ candidate }) => candidate)).toEqual(['openai/gpt-6-sol']);
  });

  test('is not known without a catalog', async () => {
    expect((await compose({ catalog: false }).plan(long)).skipped).toEqual([]);
  });

  test('is not known where the catalog cannot be loaded', async () => {
    const broken: PriceCatalog = {
      ...createPriceCatalog(),
      load: () => Promise.reject(new Error('no chunk')),
    };
    expect((await compose({ catalog: broken }).plan(long)).skipped).toEqual([]);
  });
});
