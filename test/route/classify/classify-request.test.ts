import type { LanguageModelV4CallOptions } from '@ai-sdk/provider';
import { type Classification, type Classify, type ClassifyRequest, createComposite } from 'ai-composite';
import { describe, expect, test } from 'vitest';
import { createManualClock, settle } from '../../fallback/manual-clock.ts';
import { scriptedModel } from '../../fallback/scripted-model.ts';

const model = () => scriptedModel({ id: 'one', turns: [{ text: ['ok'] }] });
const hello: LanguageModelV4CallOptions = {
  prompt: [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }],
};

function compose(classify: Classify<'chat' | 'code'>) {
  const clock = createManualClock();
  const [chat, code] = [model(), model()];
  const ai = createComposite({
    tasks: { chat: [{ model: chat, name: 'chat' }], code: [{ model: code, name: 'code' }] },
    classify,
    classifyTimeoutMs: 500,
    clock,
    pricing: { catalog: false, onWarning: () => {} },
  });
  return { ai, clock, chat, code };
}

async function seen(options: LanguageModelV4CallOptions): Promise<ClassifyRequest> {
  let request: ClassifyRequest | undefined;
  await compose(given => {
    request = given;
    return 'chat';
  }).ai.plan(options);
  if (request === undefined) throw new Error('The classifier was not asked.');
  return request;
}

describe('a classifier sees', () => {
  test('what the call asks for', async () => {
    const options: LanguageModelV4CallOptions = {
      prompt: [
        { role: 'system', content: 'Be brief.' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is' },
            { type: 'file', mediaType: 'image/png', data: { type: 'data', data: 'AA==' } },
            { type: 'text', text: 'on it?' },
          ],
        },
        { role: 'assistant', content: [{ type: 'tool-call', toolCallId: '1', toolName: 'look', input: {} }] },
        {
          role: 'tool',
          content: [
            {
              type: 'tool-result',
              toolCallId: '1',
              toolName: 'look',
              output: { type: 'text', value: 'A cat.' },
            },
          ],
        },
        { role: 'user', content: [{ type: 'text', text: 'And below?' }] },
        {
          role: 'user',
          content: [{ type: 'file', mediaType: 'audio/wav', data: { type: 'data', data: '' } }],
        },
      ],
      tools: [
        { type: 'function', name: 'look', inputSchema: { type: 'object' } },
        { type: 'provider', id: 'openai.web_search', name: 'search', args: {} },
      ],
      responseFormat: { type: 'json' },
      reasoning: 'low',
    };
    const { inputTokens, ...request } = await seen(options);
    expect(request).toEqual({
      options,
      prompt: options.prompt,
      userTexts: ['What is\non it?', 'And below?'],
      lastUserText: 'And below?',
      messageCount: 6,
      tools: ['look', 'search'],
      output: 'json',
      media: { image: true, pdf: false, audio: true },
      reasoning: 'low',
      abortSignal: expect.any(AbortSignal),
    });
    expect(inputTokens).toBeGreaterThan(5);
    expect(inputTokens).toBeLessThan(500);
  });

  test('a call without tools, formats or texts as such', async () => {
    const { userTexts, lastUserText, tools, output, media, reasoning } = await seen({ prompt: [] });
    expect({ userTexts, lastUserText, tools, output, media, reasoning }).toEqual({
      userTexts: [],
      lastUserText: '',
      tools: [],
      output: 'text',
      media: { image: false, pdf: false, audio: false },
      reasoning: undefined,
    });
  });

  test('what it asks for, read once and not before', async () => {
    let reads = 0;
    const part = {
      type: 'text' as const,
      get text() {
        reads += 1;
        return 'Hello';
      },
    };
    const counts: number[] = [];
    const { ai } = compose(request => {
      counts.push(reads);
      const texts = [request.lastUserText, request.lastUserText, request.userTexts.join()];
      counts.push(reads);
      return texts.every(text => text === 'Hello') ? 'code' : 'chat';
    });
    const { task } = await ai.plan({ prompt: [{ role: 'user', content: [part] }] });
    expect({ task, counts }).toEqual({ task: 'code', counts: [0, 1] });
  });
});

describe('an answer that names a task', () => {
  test.each<readonly [what: string, classify: Classify<'chat' | 'code'>]>([
    ['at once', () => 'code'],
    ['later', async () => 'code' as const],
    ['with more to say', () => ({ task: 'code' })],
  ])('routes the call: %s', async (_what, classify) => {
    const { task, taskSource, warnings } = await compose(classify).ai.plan(hello);
    expect({ task, taskSource, warnings }).toEqual({ task: 'code', taskSource: 'classify', warnings: [] });
  });

  test('may bring a warning', async () => {
    const { ai } = compose(() => ({ task: 'code', warning: 'Guessed.' }));
    expect((await ai.doGenerate(hello)).warnings).toEqual([
      { type: 'other', message: 'ai-composite: Guessed.' },
    ]);
  });

  test.each<readonly [what: string, asked: unknown]>([
    ['null', null],
    ['a text', 'small'],
    ['without anything', {}],
    ['without options', { provider: 'p', modelId: 'm', callOptions: null, outcome: 'success' }],
    ['with an unknown outcome', { provider: 'p', modelId: 'm', callOptions: hello, outcome: 'ok' }],
  ])('counts with a request to a model that is none: %s', async (_what, asked) => {
    // The types forbid it, and a user's function may break them.
    const { ai } = compose(() => ({ task: 'code', asked }) as Classification<'code'>);
    const { warnings, providerMetadata } = await ai.doGenerate(hello);
    expect(warnings).toEqual([
      {
        type: 'other',
        message: "ai-composite: The classifier's own request cannot be read, so its cost is not known.",
      },
    ]);
    expect(providerMetadata?.composite).toMatchObject({ task: 'code', candidate: 'code' });
    expect(providerMetadata?.composite).not.toHaveProperty('classification');
  });
});

describe('an answer that names none goes to the default task', () => {
  const nonsense = (answer: unknown): Classify<'chat' | 'code'> => {
    return () => answer as undefined;
  };
  const answered = (what: string, before = '') =>
    `${before}The classifier answered ${what}, which is no task; used the default task "chat".`;
  test.each<readonly [what: string, classify: Classify<'chat' | 'code'>, warnings: readonly string[]]>([
    ['undefined', () => undefined, []],
    ['no task, with more to say', () => ({ task: undefined }), []],
    ['an unknown task', nonsense('cdoe'), [answered('"cdoe"')]],
    ['a number', nonsense(7), [answered('a value of type number')]],
    ['null', nonsense(null), [answered('null')]],
    ['an object', nonsense({ tasks: 'code' }), [answered('a value of type object')]],
    [
      'a task that is none, with more to say',
      nonsense({ task: 7, warning: 'Guessed.' }),
      [answered('a value of type number', 'Guessed. ')],
    ],
    [
      'an error',
      () => {
        throw new Error('secret');
      },
      ['The classifier failed (Error); used the default task "chat".'],
    ],
    [
      'an answer that throws when it is read',
      () => ({
        get task(): never {
          throw new Error('secret');
        },
      }),
      ['The classifier failed (Error); used the default task "chat".'],
    ],
    [
      'a rejection',
      () => Promise.reject(new Error('secret')),
      ['The classifier failed (Error); used the default task "chat".'],
    ],
  ])('%s', async (_what, classify, expected) => {
    const { task, taskSource, warnings } = await compose(classify).ai.plan(hello);
    expect({ task, taskSource, warnings }).toEqual({
      task: 'chat',
      taskSource: 'default',
      warnings: expected,
    });
  });
});

describe('the time limit', () => {
  test('gives up a classifier that does not answer, with a warning, and leaves no timer', async () => {
    const { ai, clock, chat } = compose(() => new Promise<undefined>(() => {}));
    const result = ai.doGenerate(hello);
    await clock.advance(499);
    expect(chat.calls).toHaveLength(0);
    await clock.advance(1);
    expect((await result).warnings).toEqual([
      {
        type: 'other',
        message: 'ai-composite: The classifier took longer than 500 ms; used the default task "chat".',
      },
    ]);
    expect(chat.calls).toHaveLength(1);
    expect(clock.pending()).toBe(0);
  });

  test('aborts its signal, and takes what a classifier answers to that', async () => {
    const { ai, clock } = compose(async ({ abortSignal }) => {
      await new Promise(resolve => abortSignal.addEventListener('abort', resolve));
      return 'code' as const;
    });
    const plan = ai.plan(hello);
    await clock.advance(500);
    expect(await plan).toMatchObject({ task: 'code', taskSource: 'classify', warnings: [] });
    expect(clock.pending()).toBe(0);
  });

  test('does not abort the signal of a classifier that answered in time', async () => {
    const signals: AbortSignal[] = [];
    const { ai, clock } = compose(({ abortSignal }) => {
      signals.push(abortSignal);
      return 'code';
    });
    await ai.plan(hello);
    await clock.advance(10_000);
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
  });
});

describe('an abort', () => {
  test('while the classifier thinks ends the call with its reason, asks nobody and leaves nothing', async () => {
    const reasons: unknown[] = [];
    const { ai, clock, chat, code } = compose(({ abortSignal }) => {
      abortSignal.addEventListener('abort', () => reasons.push(abortSignal.reason));
      return new Promise<undefined>(() => {});
    });
    const controller = new AbortController();
    const result = ai.doGenerate({ ...hello, abortSignal: controller.signal });
    await settle();
    const reason = new Error('stop');
    controller.abort(reason);
    await expect(result).rejects.toBe(reason);
    expect(reasons).toEqual([reason]);
    expect([...chat.calls, ...code.calls]).toEqual([]);
    expect(clock.pending()).toBe(0);
  });

  test('before the call asks no classifier either', async () => {
    let asked = 0;
    const { ai, chat } = compose(() => {
      asked += 1;
      return 'code';
    });
    const reason = new Error('stop');
    await expect(ai.doGenerate({ ...hello, abortSignal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(asked).toBe(0);
    expect(chat.calls).toEqual([]);
  });
});

test('a pinned or named task asks no classifier', async () => {
  let asked = 0;
  const { ai } = compose(() => {
    asked += 1;
    return 'chat';
  });
  await ai('code').doGenerate(hello);
  await ai.doGenerate({ ...hello, providerOptions: { composite: { task: 'code' } } });
  expect(asked).toBe(0);
  await ai.doGenerate(hello);
  expect(asked).toBe(1);
});
