import { createOpenAI } from '@ai-sdk/openai';
import { InvalidArgumentError, type LanguageModelV4CallOptions } from '@ai-sdk/provider';
import { MockEmbeddingModelV4 } from 'ai/test';
import {
  type CallEndEvent,
  type ClassifyByExamplesSettings,
  classifyByExamples,
  classifyByRules,
  createComposite,
  type EmbeddingModelLike,
} from 'ai-composite';
import { describe, expect, test } from 'vitest';
import { createManualClock, settle } from '../../fallback/manual-clock.ts';
import { scriptedModel } from '../../fallback/scripted-model.ts';

const tasks = { code: ['fix code', 'write code'], chat: ['tell a story'] };

/** Embeds by words: how much of a text is about code, about stories, about neither; a text costs as many tokens as words. */
function embedder({ fails = () => false }: { readonly fails?: () => boolean } = {}) {
  const requests: string[][] = [];
  const model = new MockEmbeddingModelV4({
    provider: 'acme.embedding',
    modelId: 'small',
    maxEmbeddingsPerCall: 100,
    doEmbed: async ({ values }) => {
      requests.push([...values]);
      if (fails()) throw new Error('down');
      const words = values.map(value => value.split(' '));
      return {
        embeddings: words.map(own => [
          own.filter(word => word === 'code').length,
          own.filter(word => word === 'story').length,
          0.1,
        ]),
        usage: { tokens: words.flat().length },
        warnings: [],
      };
    },
  });
  return { model, requests };
}

const said = (...texts: ReadonlyArray<string>): LanguageModelV4CallOptions => ({
  prompt: texts.flatMap((text, index) => [
    ...(index === 0
      ? []
      : [{ role: 'assistant' as const, content: [{ type: 'text' as const, text: 'ok' }] }]),
    { role: 'user' as const, content: [{ type: 'text' as const, text }] },
  ]),
});

function compose({
  model,
  ...settings
}: { readonly model: EmbeddingModelLike } & Partial<
  ClassifyByExamplesSettings<'code' | 'chat', 'code' | 'chat' | 'other'>
>) {
  const clock = createManualClock();
  const calls: CallEndEvent[] = [];
  const served = scriptedModel({ id: 'served', turns: [{ text: ['ok'] }] });
  const ai = createComposite({
    tasks: {
      other: [{ model: served, name: 'other' }],
      code: [{ model: served, name: 'code' }],
      chat: [{ model: served, name: 'chat' }],
    },
    classify: classifyByExamples(model, { tasks, ...settings }),
    classifyTimeoutMs: 500,
    clock,
    prices: {
      'acme/small': { inputTokens: 1, outputTokens: 0 },
      'scripted/served': { inputTokens: 0, outputTokens: 0 },
    },
    pricing: { catalog: false },
    onCallEnd: call => void calls.push(call),
  });
  const taskOf = async (...texts: ReadonlyArray<string>) => {
    await ai.doGenerate(said(...texts));
    return calls.at(-1)?.task;
  };
  return { ai, clock, calls, taskOf };
}

describe('classifying by examples', () => {
  test('takes the task of the nearest example, and embeds the examples once', async () => {
    const { model, requests } = embedder();
    const { taskOf } = compose({ model });
    expect(await taskOf('please fix my code')).toBe('code');
    expect(await taskOf('a story about code and a story')).toBe('chat');
    expect(requests).toEqual([
      ['fix code', 'write code', 'tell a story'],
      ['please fix my code'],
      ['a story about code and a story'],
    ]);
  });

  test('books what embedding costs, the examples with the first call', async () => {
    const { calls, taskOf } = compose({ model: embedder().model });
    await taskOf('fix code');
    await taskOf('write more code');
    expect(
      calls.map(({ classification, cost }) => [
        classification?.modelId,
        classification?.cost.usdExact,
        cost.usdExact,
      ]),
    ).toEqual([
      ['small', '0.000009', '0.000009'],
      ['small', '0.000003', '0.000003'],
    ]);
  });

  test('a follow-up keeps the task of its conversation, and nobody is asked again', async () => {
    const { model, requests } = embedder();
    const { taskOf } = compose({ model });
    await taskOf('fix code');
    expect(await taskOf('fix code', 'and now?')).toBe('code');
    expect(requests).toHaveLength(2);
  });

  test.each([
    ['the default task serves', {}, 'other'],
    ['the task of otherwise serves', { otherwise: 'chat' as const }, 'chat'],
    [
      'the rules of otherwise answer',
      { otherwise: classifyByRules([{ task: 'code', keywords: ['weather'] }]) },
      'code',
    ],
  ])('where no example is near, %s, without a warning', async (_name, settings, task) => {
    const { model, requests } = embedder();
    const { calls, taskOf } = compose({ model, minSimilarity: 0.5, ...settings });
    expect(await taskOf('the weather today')).toBe(task);
    expect(await taskOf('the weather today', 'and now?')).toBe(task);
    expect(requests).toHaveLength(2);
    expect(calls.flatMap(({ warnings = [] }) => warnings)).toEqual([]);
  });

  test('a failure is a warning, costs nobody the call, and is tried again with the next', async () => {
    let isDown = true;
    const { model, requests } = embedder({ fails: () => isDown });
    const { calls, taskOf } = compose({ model });
    expect(await taskOf('fix code')).toBe('other');
    expect(calls[0]?.warnings).toEqual([
      'The classifying model gave no usable answer; the default task serves.',
    ]);
    isDown = false;
    expect(await taskOf('fix code')).toBe('code');
    expect(requests.filter(values => values.length === 3)).toHaveLength(2);
  });

  test('a request without a text of the user is not asked about, and costs nothing', async () => {
    const { model, requests } = embedder();
    const { ai, calls } = compose({ model });
    await ai.doGenerate({
      prompt: [
        {
          role: 'user',
          content: [{ type: 'file', mediaType: 'image/png', data: { type: 'data', data: 'iVBO' } }],
        },
      ],
    });
    expect(requests).toEqual([]);
    expect([calls[0]?.task, calls[0]?.classification, calls[0]?.cost.count]).toEqual(['other', undefined, 1]);
  });

  test('a text that was embedded is booked although the examples failed', async () => {
    const { model, requests } = embedder({ fails: () => requests.length === 1 });
    const { calls, taskOf } = compose({ model });
    await taskOf('fix code');
    expect(calls[0]?.classification).toMatchObject({ outcome: 'failure', cost: { usdExact: '0.000002' } });
  });

  test('whoever leaves does not take the examples from others', async () => {
    const { model, requests } = embedder();
    const { ai, taskOf } = compose({ model });
    const controller = new AbortController();
    const left = Promise.resolve(
      ai.doGenerate({ ...said('fix code'), abortSignal: controller.signal }),
    ).catch(() => {});
    await settle();
    controller.abort(new Error('gone'));
    await left;
    expect(await taskOf('write code')).toBe('code');
    expect(requests.filter(values => values.length === 3)).toHaveLength(1);
  });

  test('works with the real package over its protocol', async () => {
    const bodies: unknown[] = [];
    const openai = createOpenAI({
      apiKey: 'k',
      fetch: async (_url, init) => {
        const body = JSON.parse(String(init?.body));
        bodies.push(body);
        const data = body.input.map((text: string, index: number) => ({
          object: 'embedding',
          index,
          embedding: text.includes('code') ? [1, 0] : [0, 1],
        }));
        return Response.json({
          object: 'list',
          data,
          model: body.model,
          usage: { prompt_tokens: 4, total_tokens: 4 },
        });
      },
    });
    const { calls, taskOf } = compose({ model: openai.embeddingModel('text-embedding-3-small') });
    expect(await taskOf('some code')).toBe('code');
    expect(bodies).toMatchObject([
      { input: ['fix code', 'write code', 'tell a story'] },
      { input: ['some code'] },
    ]);
    expect(calls[0]?.classification?.provider).toBe('openai.embedding');
  });
});

describe('settings that cannot work', () => {
  const { model } = embedder();
  test.each<readonly [settings: object, message: RegExp]>([
    [{ tasks: { code: ['x'] } }, /tasks: must have two tasks/],
    [{ tasks: { code: [], chat: ['x'] } }, /tasks\.code: must have an example/],
    [{ tasks: { code: 'x', chat: ['x'] } }, /tasks\.code: must be a list of texts/],
    [{ tasks, minSimilarity: 3 }, /minSimilarity: must be at most 1/],
    [{ tasks, otherwise: 3 }, /otherwise: must be the name of a task/],
    [{ tasks, minProbability: 1 }, /has no option "minProbability"/],
  ])('%j is refused', (settings, message) => {
    expect(() => classifyByExamples(model, settings as never)).toThrow(message);
  });

  test('a model that embeds nothing is refused', () => {
    const chat = scriptedModel({ id: 'x', turns: [] });
    expect(() => classifyByExamples(chat as never, { tasks })).toThrow(InvalidArgumentError);
    expect(() => classifyByExamples(chat as never, { tasks })).toThrow(
      /must be an embedding model, such as openai/,
    );
  });
});
