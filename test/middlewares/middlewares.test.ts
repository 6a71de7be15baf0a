import {
  defaultSettingsMiddleware,
  extractReasoningMiddleware,
  generateText,
  type LanguageModel,
  simulateStreamingMiddleware,
  streamText,
  wrapLanguageModel,
} from 'ai';
import {
  compositeCost,
  compositeMetadata,
  compositeMiddleware,
  createComposite,
  createCostTracker,
  formatUsd,
} from 'ai-composite';
import { describe, expect, test } from 'vitest';
import { createEventLog } from '../fallback/event-log.ts';
import { down, scriptedModel, type Turn, usageOf } from '../fallback/scripted-model.ts';
import { caching } from '../testing/caching.ts';

type Wrappable = Parameters<typeof wrapLanguageModel>[0]['model'];

const modes = ['generate', 'stream'] as const;
const price = { inputTokens: 1, outputTokens: 2 };
const thinks: Turn = { text: ['<think>why', ' not</think>', 'Yes', '.'], usage: usageOf(100, 50) };
const failing: Turn = { error: down };

/** A composite of a candidate that fails and one that answers, each wrapped. */
function compose({
  wrap = model => model,
  turns = [failing, failing, failing],
  backup = [thinks],
}: {
  readonly wrap?: (model: Wrappable) => Wrappable;
  readonly turns?: readonly Turn[];
  readonly backup?: readonly Turn[];
} = {}) {
  const log = createEventLog();
  const models = [scriptedModel({ id: 'one', turns }), scriptedModel({ id: 'two', turns: backup })] as const;
  const ai = createComposite({
    tasks: {
      chat: [
        { model: wrap(models[0]), name: 'one', price },
        { model: wrap(models[1]), name: 'two', price },
      ],
    },
    attempts: 1,
    circuitBreaker: false,
    affinity: false,
    pricing: { catalog: false },
    ...log.observers,
  });
  return { ai, models, log };
}

/** What a user gets of a call, whichever way it was made. */
async function ask({ mode, model }: { readonly mode: 'generate' | 'stream'; readonly model: LanguageModel }) {
  if (mode === 'generate') {
    const result = await generateText({ model, prompt: 'hi', maxRetries: 0 });
    const { text, reasoningText } = result;
    return { text, reasoningText, report: compositeMetadata(result), cost: compositeCost(result) };
  }
  const result = streamText({ model, prompt: 'hi', maxRetries: 0, onError: () => {} });
  const [text, reasoningText] = [await result.text, await result.reasoningText];
  return { text, reasoningText, report: await compositeMetadata(result), cost: await compositeCost(result) };
}

describe.each(modes)('reasoning taken out of a text (%s)', mode => {
  const middleware = extractReasoningMiddleware({ tagName: 'think' });
  const wrap = (model: Wrappable) => wrapLanguageModel({ model, middleware });

  test.each([
    ['around a composite', () => wrap(compose().ai)],
    ['around its candidates', () => compose({ wrap }).ai],
    [
      'before the engine as a middleware',
      () => {
        const { models } = compose();
        const engine = compositeMiddleware({
          tasks: {
            chat: models.map((model, index) => ({ model, name: ['one', 'two'][index] ?? '', price })),
          },
          attempts: 1,
          pricing: { catalog: false },
        });
        return wrapLanguageModel({ model: models[0], middleware: [middleware, engine] });
      },
    ],
  ])('%s', async (_where, model) => {
    const { text, reasoningText, report, cost } = await ask({ mode, model: model() });
    expect([text, reasoningText]).toEqual(['Yes.', 'why not']);
    expect(report?.attempts.map(({ candidate, outcome }) => `${candidate} ${outcome}`)).toEqual([
      'one failure',
      'two success',
    ]);
    expect(formatUsd(cost)).toBe('$0.000200');
  });
});

describe.each(modes)('a cache (%s)', mode => {
  test('around a composite gives the answer again, without a call and at no cost', async () => {
    const { ai, log, models } = compose();
    const model = wrapLanguageModel({ model: ai, middleware: caching({ isMarked: true }) });
    const first = await ask({ mode, model });
    const again = await ask({ mode, model });
    expect(again.text).toBe(first.text);
    expect([formatUsd(first.cost), formatUsd(again.cost)]).toEqual(['$0.000200', '$0']);
    expect(models.map(({ calls }) => calls.length)).toEqual([1, 1]);
    expect(log.calls.length).toBe(1);
    expect(again.report).toMatchObject({ candidate: 'two', cached: true });
  });

  test('inside a candidate gives the answer again, behind the candidates before it, and the tracker counts it once', async () => {
    const middleware = caching({ isMarked: true });
    const tracker = createCostTracker();
    const two = scriptedModel({ id: 'two', turns: [thinks] });
    const ai = createComposite(
      [
        { model: scriptedModel({ id: 'one', turns: [failing] }), name: 'one', price },
        { model: wrapLanguageModel({ model: two, middleware }), name: 'two', price },
      ],
      { attempts: 1, circuitBreaker: false, pricing: { catalog: false }, observers: tracker },
    );
    await ask({ mode, model: ai });
    const again = await ask({ mode, model: ai });
    expect(formatUsd(again.cost)).toBe('$0');
    expect(again.report?.attempts.map(({ cost }) => cost.source)).toEqual(['not-billed', 'cache']);
    expect(two.calls.length).toBe(1);
    expect(tracker.snapshot().total.usdExact).toBe('0.0002');
  });
});

test('a simulated stream of a candidate falls back before its first part', async () => {
  const wrap = (model: Wrappable) => wrapLanguageModel({ model, middleware: simulateStreamingMiddleware() });
  const { ai, log } = compose({ wrap });
  expect((await ask({ mode: 'stream', model: ai })).text).toBe('<think>why not</think>Yes.');
  expect(log.events.at(-1)).toBe('call success two [1 one failure server, 2 two success]');
});

test('default settings around a composite reach its candidates, and route it', async () => {
  const one = scriptedModel({ id: 'one', turns: [thinks] });
  const two = scriptedModel({ id: 'two', turns: [thinks] });
  const ai = createComposite({
    tasks: { chat: [one], code: [two] },
    pricing: { catalog: false, onWarning: () => {} },
  });
  const model = wrapLanguageModel({
    model: ai,
    middleware: defaultSettingsMiddleware({
      settings: { temperature: 0.3, providerOptions: { composite: { task: 'code' } } },
    }),
  });
  await generateText({ model, prompt: 'hi' });
  expect([one.calls.length, two.calls[0]?.temperature]).toEqual([0, 0.3]);
});
