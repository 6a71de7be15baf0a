import type { LanguageModelV4 } from '@ai-sdk/provider';
import {
  createProviderRegistry,
  customProvider,
  embed,
  gateway,
  generateText,
  NoSuchModelError,
  streamText,
} from 'ai';
import { MockEmbeddingModelV4, MockRerankingModelV4 } from 'ai/test';
import { createComposite } from 'ai-composite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { scriptedModel } from '../fallback/scripted-model.ts';

const says = (text: string) => scriptedModel({ id: text, turns: [{ text: [text] }] });
const noPrices = { pricing: { catalog: false } } as const;
const compose = () =>
  createComposite({
    tasks: { code: [says('code')], fast: [says('fast')] },
    defaultTask: 'fast',
    ...noPrices,
  });

/** Calls a composite as plain JavaScript may. */
const callWith = (ai: unknown, ...parameters: unknown[]): LanguageModelV4 =>
  Reflect.apply(Object(ai), undefined, parameters);

describe('a framework that calls a function given as its model', () => {
  test.each([[], [undefined], [null], [{}], [{ requestContext: new Map(), mastra: {} }], [7], [['code']]])(
    'gets the model of the default task, without a warning: %j',
    async (...parameters) => {
      const ai = compose();
      const model = callWith(ai, ...parameters);
      const result = await generateText({ model, prompt: 'hi' });
      expect(result.text).toBe('fast');
      expect(result.warnings).toEqual([]);
      expect(await streamText({ model, prompt: 'hi' }).text).toBe('fast');
      expect(callWith(ai, ...parameters)).toBe(model);
    },
  );

  test('is classified where the composite classifies', async () => {
    const ai = createComposite({
      tasks: { fast: [says('fast')], code: [says('code')] },
      classify: () => 'code' as const,
      ...noPrices,
    });
    expect((await generateText({ model: callWith(ai, {}), prompt: 'hi' })).text).toBe('code');
  });
});

describe('a list of candidates', () => {
  test('takes the other settings beside it', async () => {
    const ends: string[] = [];
    const ai = createComposite([says('one'), { model: says('two'), name: 'second' }], {
      order: { weights: { second: 1 } },
      onCallEnd: ({ task, candidate }) => void ends.push(`${task} ${candidate}`),
      ...noPrices,
    });
    expect((await generateText({ model: ai, prompt: 'hi' })).text).toBe('two');
    expect(ends).toEqual(['default second']);
    expect(ai.tasks).toEqual(['default']);
  });

  const refused: ReadonlyArray<readonly [what: string, parameters: readonly unknown[], says: string]> = [
    [
      'a misspelt option',
      [[says('a')], { atempts: 3 }],
      'has no option "atempts" (did you mean attempts?); it takes attempts',
    ],
    [
      'routes beside it',
      [[says('a')], { tasks: { chat: [says('b')] } }],
      'Invalid tasks: cannot stand beside a list',
    ],
    [
      'a second list',
      [[says('a')], { candidates: [says('b')] }],
      'Invalid candidates: cannot stand beside a list',
    ],
    ['a model beside it', [[says('a')], says('b')], 'createComposite([model], { ... })'],
    ['a text beside it', [[says('a')], 'fast'], 'createComposite([model], { ... }) (got "fast")'],
    [
      'models without a list',
      [says('a'), says('b')],
      'a list of candidates with the other settings beside it',
    ],
    ['a model id without a list', ['openai/gpt-6-sol'], 'createComposite([model], { ... })'],
    ['nothing at all', [], 'createComposite([model], { ... }) (got undefined)'],
    [
      'settings and a second argument',
      [{ tasks: { chat: [says('a')] } }, { attempts: 1 }],
      'put all into the first',
    ],
  ];
  test.each(refused)('is not confused with %s', (_what, parameters, words) => {
    expect(() => callWith(createComposite, ...parameters)).toThrow(words);
  });
});

describe('the default provider', () => {
  const before = globalThis.AI_SDK_DEFAULT_PROVIDER;
  beforeEach(() => {
    globalThis.AI_SDK_DEFAULT_PROVIDER = undefined;
  });
  afterEach(() => {
    globalThis.AI_SDK_DEFAULT_PROVIDER = before;
  });
  const embedding = new MockEmbeddingModelV4({
    doEmbed: async () => ({ embeddings: [[1, 2]], warnings: [] }),
  });
  const image = {
    specificationVersion: 'v4' as const,
    provider: 'acme',
    modelId: 'image',
    maxImagesPerCall: 1,
    doGenerate: async () => {
      throw new Error('unused');
    },
  };
  const behind = () =>
    customProvider({
      languageModels: { 'acme/model': says('acme'), 'no-slash': says('no slash') },
      embeddingModels: { 'acme/embedding': embedding },
      imageModels: { 'acme/image': image },
      rerankingModels: { 'acme/rerank': new MockRerankingModelV4() },
    });

  test('serves its tasks, and passes everything else on to the one that was there before', async () => {
    globalThis.AI_SDK_DEFAULT_PROVIDER = behind();
    globalThis.AI_SDK_DEFAULT_PROVIDER = compose();
    expect((await generateText({ model: 'code', prompt: 'hi' })).text).toBe('code');
    expect((await generateText({ model: 'acme/model', prompt: 'hi' })).text).toBe('acme');
    expect((await generateText({ model: 'no-slash', prompt: 'hi' })).text).toBe('no slash');
    expect((await embed({ model: 'acme/embedding', value: 'hi' })).embedding).toEqual([1, 2]);
    const provider = compose();
    globalThis.AI_SDK_DEFAULT_PROVIDER = provider;
    expect(provider.imageModel('acme/image')).toBe(image);
    expect(provider.rerankingModel?.('acme/rerank')).toBeInstanceOf(MockRerankingModelV4);
    expect(() => provider.languageModel('nobody')).toThrow(NoSuchModelError);
  });

  test('passes on through a module that is loaded again', async () => {
    globalThis.AI_SDK_DEFAULT_PROVIDER = behind();
    for (let load = 0; load < 3; load++) globalThis.AI_SDK_DEFAULT_PROVIDER = compose();
    expect((await generateText({ model: 'acme/model', prompt: 'hi' })).text).toBe('acme');
    expect((await embed({ model: 'acme/embedding', value: 'hi' })).embedding).toEqual([1, 2]);
  });

  test('else to the Vercel AI Gateway, as the SDK would', () => {
    const ai = compose();
    globalThis.AI_SDK_DEFAULT_PROVIDER = ai;
    const { provider, modelId } = ai.languageModel('openai/gpt-6-sol');
    expect({ provider, modelId }).toEqual({
      provider: gateway.languageModel('openai/gpt-6-sol').provider,
      modelId: 'openai/gpt-6-sol',
    });
    expect(ai.embeddingModel('openai/text-embedding-3-small').provider).toBe(
      gateway.embeddingModel('openai/text-embedding-3-small').provider,
    );
    expect(ai.imageModel('openai/gpt-image-2').provider).toBe(
      gateway.imageModel('openai/gpt-image-2').provider,
    );
    expect(typeof Reflect.get(ai, 'videoModel')).toBe('function');
    // Its ids have a slash; what has none is a task misspelt.
    expect(() => ai.languageModel('cdoe')).toThrow('No such task: "cdoe". Tasks are code, fast.');
  });

  test('that is of an older version is upgraded', async () => {
    const v3 = { ...says('old'), specificationVersion: 'v3' as const };
    const old = {
      specificationVersion: 'v3',
      languageModel: () => v3,
      embeddingModel: () => {
        throw new Error('unused');
      },
      imageModel: () => {
        throw new Error('unused');
      },
    };
    Reflect.set(globalThis, 'AI_SDK_DEFAULT_PROVIDER', old);
    const ai = compose();
    globalThis.AI_SDK_DEFAULT_PROVIDER = ai;
    expect(ai.languageModel('acme/old').specificationVersion).toBe('v4');
  });

  test('is passed on to nobody from elsewhere: a registry has the tasks and nothing more', () => {
    globalThis.AI_SDK_DEFAULT_PROVIDER = behind();
    const ai = compose();
    const registry = createProviderRegistry({ composite: ai });
    expect(() => registry.languageModel('composite:acme/model')).toThrow(NoSuchModelError);
    expect(() => registry.languageModel('composite:typo')).toThrow(NoSuchModelError);
    expect(() => registry.embeddingModel('composite:acme/embedding')).toThrow(NoSuchModelError);
    expect(() => registry.imageModel('composite:acme/image')).toThrow(NoSuchModelError);
    expect(() => registry.rerankingModel('composite:acme/rerank')).toThrow(NoSuchModelError);
    expect(ai).toHaveProperty('rerankingModel', undefined);
    const custom = customProvider({ fallbackProvider: ai });
    expect(() => custom.languageModel('acme/model')).toThrow(NoSuchModelError);
  });
});
