import { APICallError } from '@ai-sdk/provider';
import { generateText, streamText } from 'ai';
import {
  type CompositeProviderOptions,
  compositeMetadata,
  createComposite,
  RouteExhaustedError,
} from 'ai-composite';
import { describe, expect, test } from 'vitest';
import { scriptedModel, type Turn } from '../fallback/scripted-model.ts';

const down = new APICallError({ message: 'down', url: 'x', requestBodyValues: {}, statusCode: 503 });
const ok: Turn = { text: ['ok'] };

/** Three candidates of two providers; who is named is down. */
function compose({
  isDown = [],
  attempts = 1,
}: {
  readonly isDown?: ReadonlyArray<string>;
  readonly attempts?: number;
} = {}) {
  const model = (id: string, provider: string) =>
    scriptedModel({ id, provider, turns: [isDown.includes(id) ? { error: down } : ok] });
  const models = { a: model('a', 'openai.chat'), b: model('b', 'openai.responses'), c: model('c', 'google') };
  const ai = createComposite({
    tasks: { chat: [models.a, models.b, models.c] },
    attempts,
    pricing: { catalog: false, onWarning: () => {} },
  });
  const run = async (composite: CompositeProviderOptions) => {
    const result = await generateText({
      model: ai,
      prompt: 'x',
      maxRetries: 0,
      providerOptions: { composite },
    });
    const { candidate, skipped = [] } = compositeMetadata(result) ?? {};
    return { candidate, skipped: skipped.map(({ candidate: name, reason }) => `${name}: ${reason}`) };
  };
  return { ai, models, run };
}

describe('only and exclude', () => {
  test.each<readonly [options: CompositeProviderOptions, candidate: string, skipped: ReadonlyArray<string>]>([
    [{ only: ['google'] }, 'google/c', ['openai/a: not in only', 'openai/b: not in only']],
    [{ only: ['openai/b', 'google'] }, 'openai/b', ['openai/a: not in only']],
    [{ only: ['openai.responses'] }, 'openai/b', ['openai/a: not in only', 'google/c: not in only']],
    [{ exclude: ['openai'] }, 'google/c', ['openai/a: in exclude', 'openai/b: in exclude']],
    [{ exclude: ['openai/a'] }, 'openai/b', ['openai/a: in exclude']],
    [
      { only: ['openai'], exclude: ['openai/a'] },
      'openai/b',
      ['openai/a: in exclude', 'google/c: not in only'],
    ],
    [{ only: [] }, '', []],
  ])('%j is answered by "%s"', async (options, candidate, skipped) => {
    const { run, models } = compose();
    if (candidate === '') {
      await expect(run(options)).rejects.toThrow(RouteExhaustedError);
      expect(Object.values(models).flatMap(({ calls }) => calls)).toEqual([]);
      return;
    }
    expect(await run(options)).toEqual({ candidate, skipped });
  });

  test('fall back among those that are left, and to nobody else', async () => {
    const { run, models } = compose({ isDown: ['a', 'b'] });
    const error = await run({ only: ['openai'] }).catch((thrown: unknown) => thrown);
    expect(RouteExhaustedError.isInstance(error) && error.attempts.map(({ candidate }) => candidate)).toEqual(
      ['openai/a', 'openai/b'],
    );
    expect(models.c.calls).toEqual([]);
  });

  test('that leave nobody ask nobody, and the error says why', async () => {
    const { run, models } = compose();
    await expect(run({ exclude: ['openai', 'google'] })).rejects.toThrow(
      /Nobody may be asked: openai\/a \(in exclude\), openai\/b \(in exclude\), google\/c \(in exclude\)/,
    );
    expect(Object.values(models).flatMap(({ calls }) => calls)).toEqual([]);
  });

  test('a name that there is not is a warning', async () => {
    const { ai } = compose();
    const { warnings } = await generateText({
      model: ai,
      prompt: 'x',
      providerOptions: { composite: { exclude: ['opanai'] } },
    });
    expect(warnings).toMatchObject([
      {
        message:
          'ai-composite: There is no candidate or provider "opanai"; there are openai/a, openai.chat, openai, openai/b, openai.responses, google/c, google.',
      },
    ]);
  });

  test('that are no lists are refused', async () => {
    const { run } = compose();
    await expect(run({ only: 'openai' as never })).rejects.toThrow(/only must be a list of names/);
  });
});

describe('fallback: false', () => {
  test("asks the first candidate only; its failure is the call's", async () => {
    const { run, models } = compose({ isDown: ['a'] });
    await expect(run({ fallback: false })).rejects.toThrow(RouteExhaustedError);
    expect([models.a.calls.length, models.b.calls.length]).toEqual([1, 0]);
  });

  test('retries it as usual, and lets it answer', async () => {
    const { ai } = compose({ attempts: 2 });
    const result = streamText({
      model: ai,
      prompt: 'x',
      providerOptions: { composite: { fallback: false } },
    });
    expect(await result.text).toBe('ok');
    const report = compositeMetadata({ providerMetadata: await result.providerMetadata });
    expect(report?.skipped).toEqual([
      { candidate: 'openai/b', reason: 'fallback: false' },
      { candidate: 'google/c', reason: 'fallback: false' },
    ]);
  });
});

describe('enabled', () => {
  const two = () =>
    [scriptedModel({ id: 'a', turns: [ok] }), scriptedModel({ id: 'b', turns: [ok] })] as const;

  test('false leaves a candidate out', async () => {
    const [a, b] = two();
    const ai = createComposite([{ model: a, enabled: false }, b], {
      pricing: { catalog: false, onWarning: () => {} },
    });
    const result = await generateText({ model: ai, prompt: 'x' });
    expect(compositeMetadata(result)).toMatchObject({
      candidate: 'scripted/b',
      skipped: [{ candidate: 'scripted/a', reason: 'enabled: false' }],
    });
    expect((await ai.plan({ prompt: 'x' })).skipped).toEqual([
      { candidate: 'scripted/a', reason: 'enabled: false' },
    ]);
  });

  test('a function is asked for each call', async () => {
    const [a, b] = two();
    let isOn = true;
    const ai = createComposite([{ model: a, enabled: () => isOn }, b], {
      pricing: { catalog: false, onWarning: () => {} },
      affinity: false,
    });
    const served = async () => compositeMetadata(await generateText({ model: ai, prompt: 'x' }))?.candidate;
    expect(await served()).toBe('scripted/a');
    isOn = false;
    expect(await served()).toBe('scripted/b');
    isOn = true;
    expect(await served()).toBe('scripted/a');
  });

  test('a switch that is off holds for a pinned call too', async () => {
    const [a, b] = two();
    const ai = createComposite([{ model: a, enabled: false }, b]);
    const pinned = generateText({
      model: ai,
      prompt: 'x',
      maxRetries: 0,
      providerOptions: { composite: { candidate: 'scripted/a' } },
    });
    await expect(pinned).rejects.toThrow(/Nobody may be asked: scripted\/a \(enabled: false\)/);
    expect(a.calls).toEqual([]);
  });

  test('a function that throws switches nobody off', async () => {
    const [a] = two();
    const enabled = () => {
      throw new Error('no');
    };
    const result = await generateText({ model: createComposite([{ model: a, enabled }]), prompt: 'x' });
    expect(result.text).toBe('ok');
  });

  test('anything else is refused', () => {
    const [a] = two();
    expect(() => createComposite([{ model: a, enabled: 'yes' as never }])).toThrow(
      /enabled: must be true, false, or a function/,
    );
    expect(() => createComposite([{ model: a, enabled: async () => true } as never])).toThrow(
      /enabled: must answer at once/,
    );
  });
});
