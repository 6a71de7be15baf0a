import { generateText, streamText, wrapLanguageModel } from 'ai';
import {
  type CallEndEvent,
  type Cost,
  classifyWithModel,
  compositeMetadata,
  costMiddleware,
  createComposite,
  createPriceCatalog,
  type PriceCatalog,
  RouteExhaustedError,
  StreamInterruptedError,
} from 'ai-composite';
import { describe, expect, test } from 'vitest';
import { createManualClock } from '../../fallback/manual-clock.ts';
import { down, scriptedModel, type Turn, usageOf } from '../../fallback/scripted-model.ts';

/** A catalog of the user's whose list comes when it is told to, or never. */
function slowCatalog() {
  const real = createPriceCatalog();
  let isThere = false;
  let loads = 0;
  let settle = (_end: { readonly error?: unknown }): void => {};
  const catalog: PriceCatalog = {
    ...real,
    lookUpNow: query =>
      isThere
        ? { price: { inputTokens: 1, outputTokens: 2 }, source: 'catalog', priceOf: query.modelId, flags: [] }
        : undefined,
    load: () => {
      loads += 1;
      return new Promise((resolve, reject) => {
        settle = ({ error }) => {
          isThere = error === undefined;
          if (isThere) resolve();
          else reject(error);
        };
      });
    },
  };
  return { catalog, loads: () => loads, settle: (end: { readonly error?: unknown } = {}) => settle(end) };
}

const answer: Turn = { text: ['Yes', '.'], usage: usageOf(1_000, 500) };
const cut: Turn = { ...answer, breakAfter: 3, error: new Error('socket closed') };

function compose({
  turns = [answer],
  maxWaitMs,
}: {
  readonly turns?: readonly Turn[];
  readonly maxWaitMs?: number;
}) {
  const clock = createManualClock();
  const slow = slowCatalog();
  const warnings: string[] = [];
  const calls: CallEndEvent[] = [];
  const ai = createComposite({
    tasks: { chat: [scriptedModel({ id: 'm', turns, provider: 'custom' })] },
    attempts: 1,
    clock,
    pricing: {
      catalog: slow.catalog,
      onWarning: ({ message }) => warnings.push(message),
      ...(maxWaitMs !== undefined && { maxWaitMs }),
    },
    onCallEnd: call => void calls.push(call),
  });
  return { ai, clock, calls, warnings, ...slow };
}

/** What a promise has come to. */
function watch<T>(promise: PromiseLike<T>) {
  const seen: { value?: T; error?: unknown; isSettled: boolean } = { isSettled: false };
  promise.then(
    value => Object.assign(seen, { value, isSettled: true }),
    (error: unknown) => Object.assign(seen, { error, isSettled: true }),
  );
  return seen;
}

const late = expect.stringContaining('the price list did not come in time');
const unknown = { status: 'unknown', incomplete: 1, count: 1 };

describe('a price list that never comes', () => {
  test('holds an answer for 3 s at most; its cost says why it is unknown', async () => {
    const { ai, clock, calls, warnings } = compose({});
    const seen = watch(generateText({ model: ai, prompt: 'hi' }));
    await clock.advance(2_999);
    expect([seen.isSettled, calls.length]).toEqual([false, 0]);
    await clock.advance(1);
    expect(seen.value?.text).toBe('Yes.');
    const report = compositeMetadata(seen.value);
    expect(report?.cost).toEqual(unknown);
    expect(report?.attempts[0]?.cost).toEqual({ status: 'unknown', lineItems: [], hint: late });
    expect(warnings).toEqual([late]);
    expect(calls.map(({ outcome, cost }) => [outcome, cost])).toEqual([['success', unknown]]);
    expect(clock.pending()).toBe(0);
  });

  test('holds the finish of a stream, not its text', async () => {
    const { ai, clock, calls } = compose({});
    const result = streamText({ model: ai, prompt: 'hi' });
    const seen = watch(result.finishReason);
    let text = '';
    void (async () => {
      for await (const delta of result.textStream) text += delta;
    })();
    await clock.advance(2_999);
    expect([text, seen.isSettled]).toEqual(['Yes.', false]);
    await clock.advance(1);
    expect(seen.value).toBe('stop');
    expect((await compositeMetadata(result))?.cost).toEqual(unknown);
    // A provider that does not close its stream has a second to do so.
    await clock.advance(1_000);
    expect([calls.length, clock.pending()]).toEqual([1, 0]);
  });

  test('holds the error of a stream that broke, and its finish', async () => {
    const { ai, clock, calls } = compose({ turns: [cut] });
    const { stream } = await ai.doStream({
      prompt: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }],
    });
    const types: string[] = [];
    let error: unknown;
    const seen = watch(
      (async () => {
        for await (const part of stream) {
          types.push(part.type);
          if (part.type === 'error') error = part.error;
        }
      })(),
    );
    await clock.advance(2_999);
    expect([types.at(-1), seen.isSettled]).toEqual(['text-delta', false]);
    await clock.advance(1);
    expect(types.slice(-2)).toEqual(['error', 'finish']);
    expect(StreamInterruptedError.isInstance(error) && error.cost).toEqual(unknown);
    expect(calls.map(({ outcome }) => outcome)).toEqual(['failure']);
    expect([seen.isSettled, clock.pending()]).toEqual([true, 0]);
  });

  test('holds the error of a route that is exhausted, whatever of it cost something', async () => {
    const { ai, clock, calls } = compose({ turns: [{ ...answer, finish: 'error', text: [] }] });
    const seen = watch(generateText({ model: ai, prompt: 'hi', maxRetries: 0 }));
    await clock.advance(3_000);
    expect(RouteExhaustedError.isInstance(seen.error) && seen.error.cost.status).toBe('unknown');
    expect([calls.length, clock.pending()]).toEqual([1, 0]);
  });

  test('does not hold a call that costs nothing', async () => {
    const { ai, clock } = compose({ turns: [{ error: down }] });
    const seen = watch(generateText({ model: ai, prompt: 'hi', maxRetries: 0 }));
    await clock.advance(0);
    expect(RouteExhaustedError.isInstance(seen.error) && seen.error.cost.usd).toBe(0);
  });

  test('holds the first calls only: its time runs from the start of the loading', async () => {
    const { ai, clock, loads } = compose({});
    const [first, second] = [watch(generateText({ model: ai, prompt: 'a' })), watch(ai.plan({ prompt: [] }))];
    await clock.advance(2_000);
    const third = watch(generateText({ model: ai, prompt: 'b' }));
    await clock.advance(1_000);
    expect([first, second, third].map(({ isSettled }) => isSettled)).toEqual([true, true, true]);
    const fourth = watch(generateText({ model: ai, prompt: 'c' }));
    await clock.advance(0);
    expect([fourth.isSettled, loads(), clock.pending()]).toEqual([true, 1, 0]);
  });

  test('does not hold an order by price for longer; unknown prices go last', async () => {
    const { catalog } = slowCatalog();
    const clock = createManualClock();
    const model = (id: string) => scriptedModel({ id, turns: [answer], provider: 'custom' });
    const ai = createComposite({
      tasks: {
        chat: {
          candidates: [model('listed'), { model: model('own'), price: { inputTokens: 1, outputTokens: 1 } }],
          order: 'cheapest',
        },
      },
      clock,
      pricing: { catalog },
    });
    const seen = watch(generateText({ model: ai, prompt: 'hi' }));
    await clock.advance(2_999);
    expect(seen.isSettled).toBe(false);
    await clock.advance(1);
    expect(compositeMetadata(seen.value)?.candidate).toBe('custom/own');
  });

  test('does not hold the cost of a classifying model for longer', async () => {
    const slow = slowCatalog();
    const clock = createManualClock();
    const small = scriptedModel({
      id: 'small',
      turns: [{ content: [{ type: 'text', text: '{"result":"code"}' }], usage: usageOf(10, 1) }],
      provider: 'custom',
    });
    const model = scriptedModel({ id: 'm', turns: [answer], provider: 'custom' });
    const ai = createComposite({
      tasks: { chat: [{ model, price: { inputTokens: 1, outputTokens: 2 } }], code: [model] },
      classify: classifyWithModel(small, { tasks: { chat: 'small talk', code: 'writing code' } }),
      clock,
      pricing: { catalog: slow.catalog, onWarning: () => {} },
    });
    const seen = watch(generateText({ model: ai, prompt: 'hi' }));
    await clock.advance(3_000);
    expect(compositeMetadata(seen.value)?.classification?.cost).toMatchObject({
      status: 'unknown',
      hint: late,
    });
    expect(clock.pending()).toBe(0);
  });

  test.each(['generate', 'stream'] as const)(
    'does not hold the cost middleware for longer (%s)',
    async mode => {
      const slow = slowCatalog();
      const clock = createManualClock();
      const costs: Cost[] = [];
      const model = wrapLanguageModel({
        model: scriptedModel({ id: 'm', turns: [answer], provider: 'custom' }),
        middleware: costMiddleware({
          catalog: slow.catalog,
          now: clock.now,
          schedule: clock.schedule,
          maxWaitMs: 200,
          onWarning: () => {},
          onCost: cost => void costs.push(cost),
        }),
      });
      const seen = watch(
        mode === 'generate'
          ? generateText({ model, prompt: 'hi' }).then(({ text }) => text)
          : streamText({ model, prompt: 'hi' }).text,
      );
      await clock.advance(199);
      expect(seen.isSettled).toBe(false);
      await clock.advance(1);
      expect(seen.value).toBe('Yes.');
      expect(costs).toEqual([{ status: 'unknown', lineItems: [], hint: late }]);
    },
  );
});

test('a price list that comes late has the prices of the calls after it', async () => {
  const { ai, clock, settle, loads } = compose({ maxWaitMs: 100 });
  const first = watch(generateText({ model: ai, prompt: 'a' }));
  await clock.advance(100);
  expect(compositeMetadata(first.value)?.cost.status).toBe('unknown');
  settle();
  await clock.advance(0);
  const second = watch(generateText({ model: ai, prompt: 'b' }));
  await clock.advance(0);
  expect(compositeMetadata(second.value)?.cost).toMatchObject({ status: 'priced', usdExact: '0.002' });
  expect(loads()).toBe(1);
});

test('a price list that comes in time prices the first call, and leaves no timer', async () => {
  const { ai, clock, settle } = compose({});
  const seen = watch(generateText({ model: ai, prompt: 'hi' }));
  await clock.advance(2_000);
  settle();
  await clock.advance(0);
  expect(compositeMetadata(seen.value)?.cost).toMatchObject({ status: 'priced', usdExact: '0.002' });
  expect(clock.pending()).toBe(0);
});

test('a price list that cannot be loaded says so in the cost, and is loaded again by the next call', async () => {
  const { ai, clock, settle, loads } = compose({});
  const first = watch(generateText({ model: ai, prompt: 'a' }));
  await clock.advance(10);
  settle({ error: new Error('no network') });
  await clock.advance(0);
  expect(compositeMetadata(first.value)?.attempts[0]?.cost).toMatchObject({
    status: 'unknown',
    hint: expect.stringContaining('the price list could not be loaded'),
  });
  const second = watch(generateText({ model: ai, prompt: 'b' }));
  await clock.advance(10);
  settle();
  await clock.advance(0);
  expect(compositeMetadata(second.value)?.cost).toMatchObject({ status: 'priced', usdExact: '0.002' });
  expect([loads(), clock.pending()]).toEqual([2, 0]);
});

test('a call with prices of its own sets no timer and waits for nothing', async () => {
  const slow = slowCatalog();
  const clock = createManualClock();
  const ai = createComposite({
    tasks: {
      chat: [
        {
          model: scriptedModel({ id: 'm', turns: [answer] }),
          price: { inputTokens: 1, outputTokens: 2 },
          timeout: Number.POSITIVE_INFINITY,
        },
      ],
    },
    clock,
    pricing: { catalog: slow.catalog },
  });
  await generateText({ model: ai, prompt: 'hi' });
  expect([slow.loads(), clock.delays.includes(3_000)]).toEqual([0, false]);
});

test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, '5'])('refuses to wait for %s', maxWaitMs => {
  const pricing = { maxWaitMs: maxWaitMs as number };
  expect(() => costMiddleware(pricing)).toThrow(/maxWaitMs/);
  const tasks = { chat: [scriptedModel({ id: 'm', turns: [answer] })] };
  expect(() => createComposite({ tasks, pricing })).toThrow(/maxWaitMs/);
});
