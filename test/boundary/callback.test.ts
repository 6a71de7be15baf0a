import { generateText, streamText, wrapLanguageModel } from 'ai';
import {
  type CompositeSettings,
  classifyByRules,
  classifyWithModel,
  compositeMetadata,
  costMiddleware,
  createComposite,
  createPriceCatalog,
  RouteExhaustedError,
} from 'ai-composite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { settle } from '../fallback/manual-clock.ts';
import { httpError, scriptedModel } from '../fallback/scripted-model.ts';
import { rejection } from '../testing/call.ts';

const unhandled: unknown[] = [];
const onUnhandled = (reason: unknown) => unhandled.push(reason);
beforeAll(() => {
  process.on('unhandledRejection', onUnhandled);
});
afterAll(() => {
  process.off('unhandledRejection', onUnhandled);
});

/** What a callback of the user's may do wrong. `later` is declared async, as a compiler for older engines would leave it. */
const misbehaviours: Readonly<Record<string, () => unknown>> = {
  throws: () => {
    throw new Error('a secret of the callback');
  },
  rejects: () => Promise.reject(new Error('a secret of the callback')),
  'rejects like a promise': () => ({
    then: (_resolve: unknown, reject: (reason: unknown) => void) => reject(new Error('a secret')),
  }),
  'never settles': () => new Promise(() => {}),
  'answers nonsense': () => Symbol('nonsense'),
};

const refuses = () => scriptedModel({ id: 'refuses', turns: [{ error: httpError({ statusCode: 404 }) }] });
const answers = () => scriptedModel({ id: 'answers', turns: [{ text: ['ok'] }] });
const tasks = () => ({ chat: [refuses(), answers()] });

/** A callback as plain JavaScript would hand it over. */
function misplaced(settings: object): CompositeSettings {
  return settings as CompositeSettings;
}

/** Every place where a composite calls a function of the user's. */
const places: Readonly<Record<string, (callback: () => unknown) => object>> = {
  onAttemptStart: callback => ({ tasks: tasks(), onAttemptStart: callback }),
  onAttemptEnd: callback => ({ tasks: tasks(), onAttemptEnd: callback }),
  onCallEnd: callback => ({ tasks: tasks(), onCallEnd: callback }),
  onCreate: callback => ({ tasks: tasks(), onCreate: callback }),
  onCallStart: callback => ({ tasks: tasks(), onCallStart: callback }),
  'an observer among others': callback => ({ tasks: tasks(), observers: [{ onCallEnd: callback }, {}] }),
  'what a call is run inside': callback => ({
    tasks: tasks(),
    onCallStart: () => ({ executeAttempt: callback, executeObserver: callback, onCallEnd: callback }),
  }),
  'pricing.onWarning': callback => ({ tasks: tasks(), pricing: { catalog: false, onWarning: callback } }),
  'pricing.estimateTokens': callback => ({
    tasks: tasks(),
    order: 'cheapest',
    prices: { 'scripted/*': { inputTokens: 1, outputTokens: 1 } },
    pricing: { catalog: false, estimateTokens: callback },
  }),
  'a catalog of prices': callback => ({
    tasks: tasks(),
    pricing: {
      catalog: { ...createPriceCatalog(), lookUpNow: callback, load: async () => {} },
      onWarning: () => {},
    },
  }),
  'a catalog of models': callback => ({ tasks: tasks(), modelCatalogs: { scripted: callback } }),
  'a condition': callback => ({ tasks: tasks(), fallbackWhen: callback }),
  'one condition of many': callback => ({ tasks: tasks(), fallbackWhen: [callback, () => undefined] }),
  'an order function': callback => ({ tasks: tasks(), order: callback }),
  classify: callback => ({ tasks: tasks(), classify: callback, classifyTimeoutMs: 20 }),
  'a rule of classify': callback => ({
    tasks: tasks(),
    classify: Reflect.apply(classifyByRules, undefined, [[{ task: 'chat', when: callback }]]),
  }),
  'the fallback of a classifying model': callback => ({
    tasks: { ...tasks(), other: [answers()] },
    classify: Reflect.apply(classifyWithModel, undefined, [
      refuses(),
      { tasks: { chat: 'talk', other: 'else' }, fallback: callback },
    ]),
    classifyTimeoutMs: 20,
  }),
  generateId: callback => ({ tasks: tasks(), generateId: callback }),
  random: callback => ({
    tasks: tasks(),
    random: callback,
    order: { weights: { 'scripted/refuses': 1, 'scripted/answers': 1 } },
  }),
  'a function that makes a model': callback => ({ tasks: { chat: [callback, answers()] } }),
};

describe.each(Object.entries(places))('%s', (place, settingsWith) => {
  test.each(Object.entries(misbehaviours))(
    'that %s costs no answer and no process',
    async (_name, callback) => {
      const settings = misplaced({
        pricing: { catalog: false, onWarning: () => {} },
        ...settingsWith(callback),
      });
      const { generateId } = settings;
      const ai = createComposite(settings);
      const result = await generateText({ model: ai, prompt: 'hi' });
      expect(result.text).toBe('ok');
      expect(await streamText({ model: ai, prompt: 'hi' }).text).toBe('ok');
      const report = compositeMetadata(result);
      if (generateId !== undefined) expect(report?.callId).toMatch(/^[0-9a-f-]{36}$/);
      await settle();
      expect(unhandled.splice(0), place).toEqual([]);
    },
  );
});

describe('costMiddleware', () => {
  for (const place of ['onCost', 'onWarning', 'estimateTokens'])
    test.each(Object.entries(misbehaviours))(`${place} that %s costs no answer`, async (_name, callback) => {
      const model = wrapLanguageModel({
        model: answers(),
        middleware: Reflect.apply(costMiddleware, undefined, [
          { catalog: false, onWarning: () => {}, [place]: callback },
        ]),
      });
      expect((await generateText({ model, prompt: 'hi' })).text).toBe('ok');
      expect(await streamText({ model, prompt: 'hi' }).text).toBe('ok');
      await settle();
      expect(unhandled.splice(0)).toEqual([]);
    });

  test.each([
    { settings: { onCots: () => {} }, says: ['no option "onCots"', 'onCost'] },
    { settings: { onCost: 'log' }, says: ['onCost', '"log"', 'must be a function'] },
    { settings: { estimateTokens: async () => 1 }, says: ['estimateTokens', 'must answer at once'] },
    { settings: { price: { inputTokens: -1, outputTokens: 1 } }, says: ['price.inputTokens', '-1'] },
    { settings: { catalog: {} }, says: ['catalog', 'createPriceCatalog()'] },
  ])('refuses $settings', ({ settings, says }) => {
    let message = '';
    try {
      Reflect.apply(costMiddleware, undefined, [settings]);
    } catch (error) {
      message = String(error);
    }
    for (const words of says) expect(message).toContain(words);
  });
});

describe('what gave no answer is said', () => {
  const onlyRefusals = () => ({ chat: [refuses()] });

  test('a condition without a verdict leaves the default, with a warning, once, on the result', async () => {
    const ai = createComposite(
      misplaced({
        tasks: {
          chat: [
            refuses(),
            scriptedModel({ id: 'refuses too', turns: [{ error: httpError({ statusCode: 401 }) }] }),
            answers(),
          ],
        },
        fallbackWhen: () => Promise.resolve(false),
        circuitBreaker: false,
        pricing: { catalog: false },
      }),
    );
    const said =
      'A condition of fallbackWhen answered a promise, not true, false or undefined; it decided nothing.';
    const result = await generateText({ model: ai, prompt: 'hi' });
    expect(result.text).toBe('ok');
    expect(compositeMetadata(result)?.warnings).toEqual([said]);
    expect(result.warnings).toEqual([{ type: 'other', message: `ai-composite: ${said}` }]);
    const stream = streamText({ model: ai, prompt: 'hi' });
    await stream.consumeStream();
    expect(await stream.warnings).toEqual(result.warnings);
  });

  test('and in the error, where there is no result', async () => {
    const ai = createComposite(
      misplaced({
        tasks: onlyRefusals(),
        fallbackWhen: () => {
          throw new RangeError('a secret');
        },
        pricing: { catalog: false },
      }),
    );
    const error = await rejection(generateText({ model: ai, prompt: 'hi' }));
    expect(RouteExhaustedError.isInstance(error) && error.message.split('\n')).toEqual([
      'No answer for task "chat": no candidate is left.',
      '- scripted/refuses: not-found (404)',
      'A condition of fallbackWhen failed (RangeError); it decided nothing.',
    ]);
  });

  test.each([1, 'true', null, {}])('a verdict %j is none', async verdict => {
    const ai = createComposite(
      misplaced({ tasks: tasks(), fallbackWhen: () => verdict, pricing: { catalog: false } }),
    );
    const { warnings } = await generateText({ model: ai, prompt: 'hi' });
    expect(warnings).toHaveLength(1);
  });

  test('an estimator that answers a promise leaves the cost unknown, with the reason', async () => {
    const model = scriptedModel({ id: 'mute', turns: [{ text: ['ok'], usage: undefinedUsage }] });
    const ai = createComposite(
      misplaced({
        tasks: { chat: [{ model, price: { inputTokens: 1, outputTokens: 1 } }] },
        pricing: { catalog: false, onWarning: () => {}, estimateTokens: () => Promise.resolve(7) },
      }),
    );
    const report = compositeMetadata(await generateText({ model: ai, prompt: 'hi' }));
    expect(report?.attempts[0]?.cost).toEqual({
      status: 'unknown',
      lineItems: [],
      hint: 'Pricing failed: pricing.estimateTokens must return a number at once; it returned a promise',
    });
  });
});

const undefinedUsage = {
  inputTokens: { total: undefined, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: undefined, text: undefined, reasoning: undefined },
};
