import { createOpenAI } from '@ai-sdk/openai';
import type { LanguageModelV4, LanguageModelV4Middleware, ProviderV4 } from '@ai-sdk/provider';
import { createProviderRegistry, generateText, streamText } from 'ai';
import {
  type CompositeMetadata,
  type CompositeModel,
  type CompositeProviderOptions,
  compositeMetadata,
  compositeMiddleware,
  createComposite,
  type FailureKind,
  isContentFilter,
  isKind,
  type Price,
} from 'ai-composite';
import { describe, expectTypeOf, test } from 'vitest';
import { scriptedModel } from '../fallback/scripted-model.ts';

const model = scriptedModel({ id: 'one', turns: [] });
const ai = createComposite({
  tasks: { code: [model], fast: [model, 'openai/gpt-6-luna'] },
  defaultTask: 'fast',
});

describe('the composite model', () => {
  test('is a language model, a provider and a function from task to model', () => {
    expectTypeOf(ai).toExtend<LanguageModelV4>();
    expectTypeOf(ai).toExtend<ProviderV4>();
    expectTypeOf(ai('code')).toEqualTypeOf<LanguageModelV4>();
    expectTypeOf(ai.languageModel('code')).toEqualTypeOf<LanguageModelV4>();
    expectTypeOf(ai.tasks).toEqualTypeOf<ReadonlyArray<'code' | 'fast'>>();
    expectTypeOf(ai).toEqualTypeOf<CompositeModel<'code' | 'fast'>>();
  });

  test('knows its tasks', () => {
    // @ts-expect-error: there is no such task
    ai('cdoe');
    // @ts-expect-error: a task is needed
    ai();
    expectTypeOf(ai).parameter(0).toEqualTypeOf<'code' | 'fast'>();
  });

  test('types the default task and the answers of a classifier by the tasks', () => {
    // @ts-expect-error: there is no such task
    createComposite({ tasks: { code: [model] }, defaultTask: 'cdoe' });
    // @ts-expect-error: there is no such task
    createComposite({ tasks: { code: [model] }, classify: () => 'cdoe' as const });
    createComposite({
      tasks: { code: [model], fast: [model] },
      classify: ({ prompt }) => (prompt.length > 9 ? 'code' : undefined),
    });
    createComposite({ tasks: { code: [model] }, classify: async () => 'code' as const });
  });

  test('takes a list for one route', () => {
    expectTypeOf(createComposite([model, { model, name: 'again' }])).toEqualTypeOf<
      CompositeModel<'default'>
    >();
  });

  test('refuses options that do not exist', () => {
    // @ts-expect-error: a misspelt option
    createComposite({ tasks: { code: [model] }, timout: 5 });
    // @ts-expect-error: a misspelt option of a candidate
    createComposite({ tasks: { code: [{ model, atempts: 5 }] } });
    // @ts-expect-error: a number is needed
    createComposite({ tasks: { code: [model] }, attempts: '2' });
    // @ts-expect-error: there is no such time
    createComposite({ tasks: { code: [model] }, affinity: { returnWhen: 'sometimes' } });
    createComposite({ tasks: { code: { candidates: [model], affinity: { returnWhen: 'cheaper' } } } });
  });

  test('refuses what newcomers write first', () => {
    const openai = createOpenAI({ apiKey: 'test' });
    // @ts-expect-error: a provider, to be called with a model id
    createComposite([openai]);
    // @ts-expect-error: a provider, in an object
    createComposite([{ model: openai }]);
    // @ts-expect-error: a model of another kind
    createComposite([openai.embedding('text-embedding-3-small')]);
    // @ts-expect-error: a model that is still to come
    createComposite([Promise.resolve(model)]);
    // @ts-expect-error: a model without a list
    createComposite(model);
    // @ts-expect-error: routes without tasks around them
    createComposite({ code: [model] });
    // @ts-expect-error: a route is a list
    createComposite({ tasks: { code: model } });
    // @ts-expect-error: who stands in is listed
    createComposite({ tasks: { code: [model] }, fallback: true });
    // @ts-expect-error: who stands in is listed, on a route too
    createComposite({ tasks: { code: { candidates: [model], fallback: true } } });
    // @ts-expect-error: the name is attempts
    createComposite([model], { maxRetries: 3 });
    // @ts-expect-error: a condition is made by calling
    createComposite([model], { fallbackWhen: isContentFilter });
    // @ts-expect-error: there is no such kind
    isKind('ratelimit');
  });

  test('refuses prices by other names, and without a provider', () => {
    // @ts-expect-error: the names are inputTokens and outputTokens
    createComposite([{ model, price: { input: 2, output: 10 } }]);
    // @ts-expect-error: the names are inputTokens and outputTokens
    createComposite([model], { prices: { 'openai/gpt-6-sol': { input: 2, output: 10 } } });
    // @ts-expect-error: the key is provider/model
    createComposite([model], { prices: { 'gpt-6-sol': { inputTokens: 2, outputTokens: 10 } } });
    const read: Record<string, Price> = {};
    createComposite([model], { prices: read });
    createComposite([model], { prices: { 'openai/*': { inputTokens: 2, outputTokens: 10 } } });
  });

  test('limits and orders that learn are words and objects of their own', () => {
    createComposite([model], {
      timeout: { firstChunkMs: 'adaptive' },
      hedge: { afterMs: 'adaptive' },
      order: { deadlineMs: 3_000, badAnswerUsd: 0.05 },
    });
    // @ts-expect-error: there is one word for it
    createComposite([model], { timeout: { firstChunkMs: 'adaptiv' } });
    // @ts-expect-error: no other limit is learned
    createComposite([model], { timeout: { chunkMs: 'adaptive' } });
    // @ts-expect-error: a score takes both
    createComposite([model], { order: { deadlineMs: 3_000 } });
    expectTypeOf(ai.feedback({ callId: 'a', score: 1 })).toEqualTypeOf<boolean>();
    // @ts-expect-error: it takes one object
    ai.feedback('a', 1);
  });

  test('goes wherever the SDK takes a model', () => {
    expectTypeOf(generateText).toBeCallableWith({ model: ai, prompt: 'x' });
    expectTypeOf(streamText).toBeCallableWith({ model: ai('code'), prompt: 'x' });
    expectTypeOf(createProviderRegistry({ composite: ai }).languageModel).toBeCallableWith('composite:code');
    expectTypeOf(compositeMiddleware({ tasks: { code: [model] } })).toExtend<LanguageModelV4Middleware>();
  });
});

describe('options and reports', () => {
  test('provider options satisfy CompositeProviderOptions', () => {
    const composite = {
      task: 'code',
      candidate: 'one',
      tags: { tenant: 'a' },
      sessionId: 's',
    } satisfies CompositeProviderOptions;
    expectTypeOf(generateText).toBeCallableWith({ model: ai, prompt: 'x', providerOptions: { composite } });
    // @ts-expect-error: a misspelt option
    ({ taks: 'code' }) satisfies CompositeProviderOptions;
    // @ts-expect-error: tags are texts
    ({ tags: { tenant: 1 } }) satisfies CompositeProviderOptions;
  });

  test('a report is read back typed', () => {
    expectTypeOf(compositeMetadata({})).toEqualTypeOf<CompositeMetadata | undefined>();
    expectTypeOf<CompositeMetadata['attempts'][number]['failureKind']>().toEqualTypeOf<
      FailureKind | undefined
    >();
  });
});
