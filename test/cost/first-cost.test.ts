import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { generateText, streamText } from 'ai';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createManualClock } from '../fallback/manual-clock.ts';
import { scriptedModel, type Turn, usageOf } from '../fallback/scripted-model.ts';

const run = promisify(execFile);
const answer: Turn = { text: ['Yes', '.'], usage: usageOf(1_000, 500) };
const price = { inputTokens: 1, outputTokens: 2 };
const engine = '../../src/cost/engine.ts';

/** The package as a process has it that has not made a call yet. */
async function fresh() {
  vi.resetModules();
  return import('ai-composite');
}

beforeEach(() => void vi.spyOn(console, 'warn').mockImplementation(() => {}));
afterEach(() => {
  vi.doUnmock(engine);
  vi.restoreAllMocks();
});

describe('the first cost of a process', () => {
  test('is a promise, and the same as every later one, which is there at once', async () => {
    const { createPricing } = await fresh();
    const pricing = createPricing({ catalog: false, prices: { 'p/m': price }, now: () => 0 });
    const settle = (how: 'settle' | 'settleLater') =>
      pricing
        .meter({ provider: 'p', modelId: 'm', callOptions: { prompt: [] } })
        [how]({ outcome: 'success', usage: usageOf(1_000, 500) });
    const first = settle('settle');
    const second = settle('settleLater');
    expect([first, second]).toEqual([expect.any(Promise), expect.any(Promise)]);
    const cost = await first;
    expect(cost).toMatchObject({ status: 'priced', usdExact: '0.002' });
    expect(await second).toEqual(cost);
    expect(settle('settle')).toEqual(cost);
    const later = settle('settleLater');
    expect(typeof later === 'function' && later()).toEqual(cost);
  });

  test.each(['generate', 'stream'] as const)('is in the report of its call (%s)', async mode => {
    const { createComposite, compositeMetadata } = await fresh();
    const ai = createComposite([{ model: scriptedModel({ id: 'm', turns: [answer] }), price }]);
    const result =
      mode === 'generate'
        ? generateText({ model: ai, prompt: 'hi' })
        : streamText({ model: ai, prompt: 'hi' });
    if ('consumeStream' in result) await result.consumeStream();
    expect((await compositeMetadata(result))?.cost).toMatchObject({ status: 'priced', usdExact: '0.002' });
  });

  test('does not hide what its input had in the cache', async () => {
    const { createPricing } = await fresh();
    const pricing = createPricing({ catalog: false });
    const usage = {
      ...usageOf(1_000, 500),
      inputTokens: { total: 1_000, noCache: 250, cacheRead: 750, cacheWrite: 0 },
    };
    const first = pricing.cachedShare({ provider: 'p', usage });
    expect(first).toBeInstanceOf(Promise);
    expect(await first).toBe(0.75);
    expect(pricing.cachedShare({ provider: 'p', usage })).toBe(0.75);
    // A usage that is none throws at nobody, and one that does not say is no promise.
    expect(pricing.cachedShare({ provider: 'p', usage: { ...usage, inputTokens: undefined } as never })).toBe(
      undefined,
    );
    expect(pricing.cachedShare({ provider: 'p' })).toBe(undefined);
  });

  test('decides an order by price', async () => {
    const { createComposite, compositeMetadata } = await fresh();
    const model = (id: string) => scriptedModel({ id, turns: [answer] });
    const ai = createComposite({
      tasks: {
        chat: {
          candidates: [
            { model: model('dear'), name: 'dear', price: { inputTokens: 9, outputTokens: 9 } },
            { model: model('cheap'), name: 'cheap', price },
          ],
          order: 'cheapest',
        },
      },
    });
    expect(compositeMetadata(await generateText({ model: ai, prompt: 'hi' }))?.candidate).toBe('cheap');
  });

  test('that cannot be worked out, for a file is missing, says so and holds nothing up', async () => {
    vi.doMock(engine, () => {
      throw new Error('no such file');
    });
    const { createComposite, compositeMetadata } = await fresh();
    const clock = createManualClock();
    const ai = createComposite({
      tasks: { chat: [{ model: scriptedModel({ id: 'm', turns: [answer] }), price }] },
      clock,
    });
    const result = await generateText({ model: ai, prompt: 'hi' });
    expect(result.text).toBe('Yes.');
    expect(compositeMetadata(result)?.attempts[0]?.cost).toEqual({
      status: 'unknown',
      lineItems: [],
      hint: 'Pricing could not be loaded: a file of ai-composite is missing from the bundle.',
    });
    expect(clock.delays.includes(3_000) && clock.pending()).toBe(0);
  });

  test('holds an answer for no longer than maxWaitMs', async () => {
    vi.doMock(engine, () => new Promise(() => {}));
    const { createComposite, compositeMetadata } = await fresh();
    const clock = createManualClock();
    const ai = createComposite({
      tasks: { chat: [{ model: scriptedModel({ id: 'm', turns: [answer] }), price }] },
      clock,
      pricing: { maxWaitMs: 200 },
    });
    let text = '';
    let hint: string | undefined;
    const done = generateText({ model: ai, prompt: 'hi' }).then(result => {
      text = result.text;
      hint = compositeMetadata(result)?.attempts[0]?.cost.hint;
    });
    await clock.advance(199);
    expect(text).toBe('');
    await clock.advance(1);
    await done;
    expect([text, hint, clock.pending()]).toEqual(['Yes.', 'Pricing was not loaded in time.', 0]);
  });
});

// Seen after composing, while the request is made, and after its answer.
test.each([
  ['what sends requests is asked for when a composite is made', 'calls', [true, true, true]],
  ['what works costs out is asked for with the first request', 'engine', [false, true, true]],
  ['what takes answers is asked for behind the first request', 'answers', [false, false, true]],
  ['what plans by facts is not asked for by a call whose plan is ready', 'planner', [false, false, false]],
] as const)('%s', async (_name, file, expected) => {
  const script = `
    import { registerHooks } from 'node:module';
    const asked = [];
    registerHooks({ resolve: (name, context, next) => { asked.push(name); return next(name, context); } });
    const { createComposite } = await import(${JSON.stringify(new URL('../../src/index.ts', import.meta.url).href)});
    const has = () => asked.some(name => name.endsWith('/${file}.ts'));
    const seen = [];
    const ai = createComposite([{
      specificationVersion: 'v4', provider: 'p', modelId: 'm', supportedUrls: {},
      doGenerate: async () => { seen.push(has()); return { content: [], finishReason: { unified: 'stop' }, usage: {}, warnings: [] }; },
      doStream: async () => { throw new Error('unused'); },
    }]);
    seen.push(has());
    await ai.doGenerate({ prompt: [] }).catch(() => {});
    seen.push(has());
    console.log(JSON.stringify(seen));
  `;
  const { stdout } = await run(
    process.execPath,
    [
      '--conditions=ai-composite-source',
      '--input-type=module',
      '--disable-warning=ExperimentalWarning',
      '-e',
      script,
    ],
    { env: { PATH: process.env.PATH ?? '' } },
  );
  expect(JSON.parse(stdout)).toEqual(expected);
});
