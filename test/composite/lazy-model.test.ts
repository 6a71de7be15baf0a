import { InvalidArgumentError, LoadAPIKeyError } from '@ai-sdk/provider';
import { generateText, streamText } from 'ai';
import {
  type CandidateInput,
  classifyWithModel,
  compositeMetadata,
  createComposite,
  RouteExhaustedError,
} from 'ai-composite';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createEventLog } from '../fallback/event-log.ts';
import { createManualClock } from '../fallback/manual-clock.ts';
import { httpError, scriptedModel } from '../fallback/scripted-model.ts';
import { call, rejection } from '../testing/call.ts';

const says = (text: string) => scriptedModel({ id: text, turns: [{ text: [text] }] });
const noPrices = { pricing: { catalog: false, onWarning: () => {} } } as const;
const missingKey = new LoadAPIKeyError({ message: 'ACME API key is missing: set ACME_API_KEY.' });

/** A function that makes a model, and how often it was called. */
function maker(make: (count: number) => ReturnType<typeof says>) {
  const made = { count: 0 };
  return {
    made,
    make: () => {
      made.count += 1;
      return make(made.count);
    },
  };
}

describe('a candidate that is a function', () => {
  test('is made when it is first asked, once', async () => {
    const first = maker(() => says('first'));
    const second = maker(() => says('second'));
    const ai = createComposite({
      tasks: { chat: [first.make, { model: second.make, name: 'spare' }] },
      ...noPrices,
    });
    expect(first.made.count).toBe(0);
    expect(ai.health().map(({ candidate }) => candidate)).toEqual(['chat/1', 'spare']);
    await ai.doGenerate(call());
    await ai.doGenerate(call());
    expect(await streamText({ model: ai, prompt: 'hi' }).text).toBe('first');
    expect([first.made.count, second.made.count]).toEqual([1, 0]);
    const pinned = call({ providerOptions: { composite: { candidate: 'spare' } } });
    expect((await ai.doGenerate(pinned)).content).toMatchObject([{ text: 'second' }]);
    expect(second.made.count).toBe(1);
  });

  test('is, once made, known by its provider and model id', async () => {
    const log = createEventLog();
    const ai = createComposite({
      tasks: { chat: [() => scriptedModel({ id: 'gpt', provider: 'acme.chat', turns: [{ text: ['ok'] }] })] },
      prices: { 'acme/gpt': { inputTokens: 1, outputTokens: 1 } },
      ...noPrices,
      ...log.observers,
    });
    const result = await generateText({ model: ai, prompt: 'hi' });
    expect(log.starts).toMatchObject([{ candidate: 'chat/1', provider: 'acme.chat', modelId: 'gpt' }]);
    expect(compositeMetadata(result)?.attempts).toMatchObject([
      {
        candidate: 'chat/1',
        provider: 'acme.chat',
        modelId: 'gpt',
        cost: { status: 'priced', usdExact: '0.000011' },
      },
    ]);
  });

  test('that throws fails that candidate only, with its kind, and is tried again later', async () => {
    const clock = createManualClock();
    const log = createEventLog();
    const { made, make } = maker(count => {
      if (count === 1) throw missingKey;
      return says('first');
    });
    const ai = createComposite({
      tasks: { chat: [make, says('second')] },
      clock,
      ...noPrices,
      ...log.observers,
    });
    const result = await generateText({ model: ai, prompt: 'hi' });
    expect(result.text).toBe('second');
    expect(compositeMetadata(result)?.cost).toMatchObject({ incomplete: 1 }); // the answer's, which has no price
    expect(compositeMetadata(result)?.attempts[0]?.cost).toMatchObject({ usd: 0, source: 'not-billed' });
    expect(ai.health()[0]).toMatchObject({ candidate: 'chat/1', state: 'open', lastFailureKind: 'auth' });
    expect((await generateText({ model: ai, prompt: 'hi' })).text).toBe('second');
    expect(made.count).toBe(1);
    ai.reset('chat/1');
    expect((await generateText({ model: ai, prompt: 'hi' })).text).toBe('first');
    expect(made.count).toBe(2);
    expect(log.events.slice(0, 5)).toEqual([
      'start 1 chat/1',
      'end 1 chat/1 failure auth',
      'start 2 scripted/second',
      'end 2 scripted/second success',
      'call success scripted/second [1 chat/1 failure auth, 2 scripted/second success]',
    ]);
  });

  test('streams fall back from it too, and its sentence is in the error where nobody answers', async () => {
    const make = () => {
      throw missingKey;
    };
    expect(
      await streamText({ model: createComposite([make, says('second')], noPrices), prompt: 'hi' }).text,
    ).toBe('second');
    const error = await rejection(createComposite([make], noPrices).doStream(call()));
    expect(RouteExhaustedError.isInstance(error) && error.message.split('\n')).toEqual([
      'No answer for task "default": no candidate is left.',
      '- default/1: auth: ACME API key is missing: set ACME_API_KEY.',
    ]);
  });

  test.each([
    ['nothing', () => undefined],
    ['an image model', () => ({ specificationVersion: 'v4', maxImagesPerCall: 1, doGenerate: () => {} })],
    ['a promise', () => Promise.resolve(says('late'))],
    ['a promise that rejects', () => Promise.reject(new Error('no package'))],
    ['another function', () => () => says('nested')],
  ])('that makes %s fails that candidate only, and says so', async (_what, make: unknown) => {
    const ai = createComposite([make as CandidateInput, says('second')], noPrices);
    expect((await generateText({ model: ai, prompt: 'hi' })).text).toBe('second');
    const alone = createComposite([make as CandidateInput], noPrices);
    const error = await rejection(alone.doGenerate(call()));
    const raw = RouteExhaustedError.isInstance(error) ? error.attempts[0]?.error : undefined;
    expect(InvalidArgumentError.isInstance(raw)).toBe(true);
    expect(String(raw)).toContain('must be a language model of the AI SDK');
  });

  test('may make a model id, an older model or a composite', async () => {
    const old = () => ({ ...says('old'), specificationVersion: 'v3' as const });
    const inner = () => createComposite([says('inner')], noPrices);
    for (const [make, text] of [
      [old, 'old'],
      [inner, 'inner'],
    ] as const)
      expect(
        (await generateText({ model: createComposite([make as CandidateInput], noPrices), prompt: 'hi' }))
          .text,
      ).toBe(text);
  });

  test('is one candidate in two tasks', async () => {
    const { made, make } = maker(() => says('shared'));
    const ai = createComposite({ tasks: { code: [make], fast: [make] }, ...noPrices });
    await ai('code').doGenerate(call());
    await ai('fast').doGenerate(call());
    expect(made.count).toBe(1);
    expect(ai.health().map(({ candidate }) => candidate)).toEqual(['code/1']);
  });

  test('is skipped by what its provider package says, once it is made', async () => {
    const language = {
      inputs: { image: true, audio: 'unknown' },
      objectGeneration: true,
      tools: { usage: false },
      reasoning: { support: false },
    };
    const entry = { capabilities: { language } };
    const ai = createComposite({
      tasks: { chat: [() => says('first'), says('second')] },
      modelCatalogs: { scripted: { first: entry } },
      affinity: false,
      ...noPrices,
    });
    await ai.doGenerate(call());
    const { skipped } = await ai.plan(call());
    expect(skipped).toEqual([{ candidate: 'chat/1', reason: expect.stringContaining('tools') }]);
  });

  test('is made where its price decides the order, and where a plan tells it', async () => {
    const ai = createComposite({
      tasks: {
        chat: [
          { model: says('dear'), name: 'dear', price: { inputTokens: 9, outputTokens: 9 } },
          () => scriptedModel({ id: 'cheap', turns: [{ text: ['cheap'] }] }),
        ],
      },
      order: 'cheapest',
      prices: { 'scripted/cheap': { inputTokens: 1, outputTokens: 1 } },
      ...noPrices,
    });
    expect((await generateText({ model: ai, prompt: 'hi' })).text).toBe('cheap');
    const listed = createComposite([says('one'), () => says('two')], noPrices);
    expect(
      (await listed.plan(call())).steps.map(({ provider, modelId }) => `${provider} ${modelId}`),
    ).toEqual(['scripted one', 'scripted two']);
  });

  test('shows in the table before it is made, and keeps its name after', async () => {
    const ai = createComposite([() => says('one')], noPrices);
    expect(ai.describe()).toMatch(/default \* +listed +default\/1 +not made yet/);
    await ai.doGenerate(call());
    expect(ai.describe()).toMatch(/default \* +listed +default\/1 +scripted +one/);
  });

  test('that throws takes no plan, table or health down', async () => {
    const ai = createComposite(
      [
        () => {
          throw missingKey;
        },
        says('second'),
      ],
      { order: 'cheapest', ...noPrices },
    );
    expect((await ai.plan(call())).steps).toHaveLength(2);
    expect(ai.describe()).toContain('default/1');
    expect(ai.health()).toHaveLength(2);
    expect(await ai.supportedUrls).toEqual({ '*/*': [/^/] });
  });
});

describe('a link to a file', () => {
  const png = new Uint8Array([0x89, 0x50, 0x4e, 0x47]);
  const fileIn = (model: ReturnType<typeof says>) => {
    const content = model.calls[0]?.prompt.at(-1)?.content ?? [];
    return typeof content === 'string' ? undefined : content.find(part => part.type === 'file');
  };
  const ask = async (links: ReturnType<typeof says>['supportedUrls'], url: string) => {
    const asked: string[] = [];
    vi.spyOn(globalThis, 'fetch').mockImplementation(async input => {
      asked.push(String(input instanceof Request ? input.url : input));
      return new Response(png, { headers: { 'content-type': 'image/png' } });
    });
    const model = scriptedModel({ id: 'late', turns: [{ text: ['ok'] }], supportedUrls: links });
    const ai = createComposite([() => model], noPrices);
    const file = { type: 'file' as const, mediaType: 'image/png', data: new URL(url) };
    await generateText({ model: ai, messages: [{ role: 'user', content: [file] }] });
    return { asked, file: fileIn(model) };
  };
  afterEach(() => vi.restoreAllMocks());

  test('reaches a model that follows it, though nobody knew when the SDK asked', async () => {
    const { asked, file } = await ask({ 'image/*': [/^https:.*$/] }, 'https://files.example/cat.png');
    expect(asked).toEqual([]);
    expect(file).toMatchObject({ data: { type: 'url', url: new URL('https://files.example/cat.png') } });
  });

  test('is downloaded for one that does not', async () => {
    const { asked, file } = await ask({}, 'https://files.example/cat.png');
    expect(asked).toEqual(['https://files.example/cat.png']);
    expect(file).toMatchObject({ mediaType: 'image/png', data: { type: 'data', data: png } });
  });
});

test('a classifying model can be made when it is first asked', async () => {
  const { made, make } = maker(() =>
    scriptedModel({ id: 'judge', turns: [{ text: ['{"result":"code"}'] }] }),
  );
  const classify = classifyWithModel(make, { tasks: { code: 'code', fast: 'else' } });
  const ai = createComposite({
    tasks: { fast: [says('fast')], code: [says('code')] },
    classify,
    ...noPrices,
  });
  expect(made.count).toBe(0);
  const result = await generateText({ model: ai, prompt: 'hi' });
  expect(result.text).toBe('code');
  expect(compositeMetadata(result)?.classification).toMatchObject({ provider: 'scripted', modelId: 'judge' });
});

test('a failed request is not a reason to make the model again', async () => {
  const { made, make } = maker(() =>
    scriptedModel({ id: 'flaky', turns: [{ error: httpError({ statusCode: 404 }) }, { text: ['ok'] }] }),
  );
  const ai = createComposite([make], { ...noPrices, circuitBreaker: false });
  await rejection(ai.doGenerate(call()));
  expect((await generateText({ model: ai, prompt: 'hi' })).text).toBe('ok');
  expect(made.count).toBe(1);
});
