import { createOpenAI } from '@ai-sdk/openai';
import type { LanguageModelV4 } from '@ai-sdk/provider';
import { generateText, isStepCount, streamText, tool } from 'ai';
import {
  BudgetExceededError,
  type CallEndEvent,
  classifyWithModel,
  compositeCost,
  createComposite,
  createCostTracker,
} from 'ai-composite';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { createFaultServer, createGate, fault, respond } from '../../src/testing/index.ts';
import { createManualClock, createSkippingClock } from '../fallback/manual-clock.ts';
import { down, scriptedModel, usageOf } from '../fallback/scripted-model.ts';
import { call, rejection } from '../testing/call.ts';
import { clients } from '../testing/clients.ts';
import { answerOf, compose, gated, perToken, standing } from './setup.ts';

const price = { inputTokens: 1, outputTokens: 10 };
const words = ['one ', 'two ', 'three ', 'four '];
const usage = { inputTokens: 20, outputTokens: 30 };

/** How a call ends, over a real connection; resolves when the caller is through with it. */
const ends: Readonly<
  Record<
    string,
    {
      readonly reply: (gate: PromiseLike<void>) => ReturnType<typeof respond.answer>;
      readonly use: (given: {
        readonly ai: LanguageModelV4;
        readonly ask: () => ReturnType<typeof streamText>;
        readonly abort: () => void;
        readonly open: () => void;
      }) => Promise<void>;
    }
  >
> = {
  'is read to its end': {
    reply: () => respond.answer({ text: words, usage }),
    use: async ({ ask }) => void (await ask().consumeStream()),
  },
  'is aborted in the middle': {
    reply: gate => respond.answer({ text: words, usage, faults: [fault.pause({ after: 2, until: gate })] }),
    use: async ({ ask, abort }) => {
      for await (const _text of ask().textStream) abort();
    },
  },
  'is cut in the middle': {
    reply: gate => respond.answer({ text: words, usage, faults: [fault.cut({ after: 2, until: gate })] }),
    use: async ({ ask, open }) => {
      for await (const _text of ask().textStream) open();
    },
  },
  'is cancelled in the middle': {
    reply: gate => respond.answer({ text: words, usage, faults: [fault.pause({ after: 2, until: gate })] }),
    use: async ({ ai }) => {
      const { stream } = await ai.doStream(call({ maxOutputTokens: 1_000, tools: [] }));
      const reader = stream.getReader();
      for (let next = await reader.read(); next.value?.type !== 'text-delta'; next = await reader.read());
      await reader.cancel();
    },
  },
  'is refused by the provider': {
    reply: () => respond.error({ kind: 'auth' }),
    use: async ({ ask }) => void (await ask().consumeStream()),
  },
};

describe.each(clients)('$name: a stream that', ({ model }) => {
  test.each(Object.entries(ends))('%s settles to what it cost, and holds nothing', async (_name, end) => {
    await using server = await createFaultServer();
    const account = server.account('main');
    const gate = createGate();
    account.script([end.reply(gate.opened)]);
    const ended: CallEndEvent[] = [];
    const ai = createComposite([{ model: model(account.baseUrl), price }], {
      budgets: [{ usd: 1, every: 'day' }],
      pricing: { catalog: false },
      retry: false,
      onCallEnd: event => void ended.push(event),
    });
    const controller = new AbortController();
    const ask = () =>
      streamText({
        model: ai,
        prompt: 'Count to four.',
        maxOutputTokens: 1_000,
        maxRetries: 0,
        abortSignal: controller.signal,
        onError: () => undefined,
      });
    await end.use({ ai, ask, abort: () => controller.abort(), open: gate.open }).catch(() => undefined);
    await expect.poll(() => ended.length).toBe(1);
    const [day] = await ai.budgets();
    expect(day?.held).toEqual({ usd: 0, usdExact: '0' });
    expect(day?.spent?.usdExact).toBe(ended[0]?.cost.usdExact);
    gate.open();
  });
});

test('a stream that nobody reads holds its worst case until it is given up, then what it cost', async () => {
  const { ai, clock } = compose({ budgets: [{ usd: 1_000 }], turns: [[answerOf(100)]] });
  await ai.doStream(call({ maxOutputTokens: 400, tools: [] }));
  expect(await standing(ai)).toEqual(['total 0/400/1000']);
  // Longer than any lease: it is renewed while the attempt lives.
  await clock.advance(299_000);
  expect(await standing(ai)).toEqual(['total 0/400/1000']);
  await clock.advance(1_000);
  const [total] = await ai.budgets();
  expect(total?.held?.usd).toBe(0);
  expect(total?.spent?.usd).toBeLessThan(400);
  expect(clock.pending()).toBe(0);
});

test('a hold whose process died counts as spent when its lease is over, and late costs put it right', async () => {
  const clock = createManualClock();
  // What never calls back again, as after a crash.
  const dead = { ...clock, schedule: () => () => undefined };
  const gate = createGate();
  const { ai } = compose({
    budgets: [{ usd: 1_000 }],
    turns: [[gated({ gate: gate.opened, outputTokens: 100 })]],
    clock: dead,
  });
  const answer = ai.doGenerate(call({ maxOutputTokens: 400, tools: [] }));
  await expect.poll(() => standing(ai)).toEqual(['total 0/400/1000']);
  await clock.advance(60_000);
  expect(await standing(ai)).toEqual(['total 400/0/1000']);
  gate.open();
  await answer;
  expect(await standing(ai)).toEqual(['total 100/0/1000']);
});

test('the loser of a hedge holds beside the winner, and both settle', async () => {
  const clock = createManualClock();
  const gate = createGate();
  const { ai } = compose({
    budgets: [{ usd: 1_000 }],
    turns: [[{ ...answerOf(10), silent: true }], [gated({ gate: gate.opened, outputTokens: 20 })]],
    rates: [perToken, perToken],
    clock,
    hedge: { afterMs: 100 },
  });
  const answer = ai.doGenerate(call({ maxOutputTokens: 400, tools: [] }));
  await expect.poll(() => clock.pending()).toBeGreaterThan(0);
  await clock.advance(100);
  await expect.poll(() => standing(ai)).toEqual(['total 0/800/1000']);
  gate.open();
  await answer;
  const [total] = await ai.budgets();
  expect(total).toMatchObject({ held: { usd: 0 }, spent: { usd: 20 } });
});

test('a hedge that finds no money waits its turn: it is asked when the first has failed', async () => {
  const clock = createManualClock();
  const gate = createGate();
  const { ai, models } = compose({
    budgets: [{ usd: 700, onExceed: 'stop' }],
    turns: [[{ before: gate.opened, error: new Error('down') }], [answerOf(20)]],
    rates: [perToken, perToken],
    clock,
    hedge: { afterMs: 100 },
  });
  const answer = ai.doGenerate(call({ maxOutputTokens: 400, tools: [] }));
  await expect.poll(() => models[0]?.calls.length).toBe(1);
  await clock.advance(100);
  expect(models[1]?.calls.length).toBe(0);
  gate.open();
  await answer;
  expect(models[1]?.calls.length).toBe(1);
  expect(await standing(ai)).toEqual(['total 20/0/700']);
});

test('a retry holds anew, for itself', async () => {
  const gate = createGate();
  const { ai, first } = compose({
    budgets: [{ usd: 500 }],
    turns: [[{ error: down }, gated({ gate: gate.opened, outputTokens: 100 })]],
    rates: [perToken],
    retry: { initialDelayMs: 1 },
    clock: createSkippingClock({ skips: delayMs => delayMs < 10 }),
  });
  const answer = ai.doGenerate(call({ maxOutputTokens: 400, tools: [] }));
  await expect.poll(() => first.calls.length).toBe(2);
  // The refused request was not billed, so that its hold is gone.
  expect(await standing(ai)).toEqual(['total 0/400/500']);
  gate.open();
  await answer;
  expect(await standing(ai)).toEqual(['total 100/0/500']);
});

describe('a classifying model', () => {
  const rate = { 'scripted/*': perToken };
  const classifying = ({
    usd,
    outputTokens = 10,
  }: {
    readonly usd: number;
    readonly outputTokens?: number;
  }) => {
    const small = scriptedModel({
      id: 'small',
      turns: [{ text: ['{"result":"code"}'], usage: usageOf(0, outputTokens) }],
    });
    const large = scriptedModel({ id: 'large', turns: [answerOf(100)] });
    const ai = createComposite({
      tasks: { chat: [{ model: large, name: 'chat' }], code: [{ model: large, name: 'code' }] },
      classify: classifyWithModel(small, { tasks: { code: 'code', chat: 'chat' } }),
      prices: rate,
      pricing: { catalog: false },
      budgets: [
        { usd, every: 'day' },
        { name: 'each', usd, per: 'call' },
      ],
    });
    return { ai, small, large };
  };

  test('holds and settles like every request', async () => {
    const { ai, small } = classifying({ usd: 1_000_000 });
    const result = await generateText({ model: ai, prompt: 'Fix my loop', maxOutputTokens: 400 });
    expect(small.calls).toHaveLength(1);
    expect(compositeCost(result).usdExact).toBe('110');
    expect(await standing(ai)).toEqual(['day 110/0/1000000']);
  });

  test('is not asked where there is no money for it: the default task serves', async () => {
    const { ai, small, large } = classifying({ usd: 250 });
    const { warnings } = await generateText({ model: ai, prompt: 'Fix my loop', maxOutputTokens: 200 });
    expect([small.calls.length, large.calls.length]).toEqual([0, 1]);
    expect(JSON.stringify(warnings)).toContain('the default task serves');
  });

  test('of the user counts too, though it asked nobody', async () => {
    const large = scriptedModel({ id: 'large', turns: [answerOf(100)] });
    const ai = createComposite({
      tasks: { chat: [large], code: [large] },
      classify: () => ({
        task: 'code' as const,
        asked: {
          provider: 'scripted',
          modelId: 'small',
          callOptions: { prompt: [] },
          outcome: 'success' as const,
          usage: usageOf(0, 7),
        },
      }),
      prices: rate,
      pricing: { catalog: false },
      budgets: [{ usd: 1_000, every: 'day' }],
    });
    await ai.doGenerate(call({ maxOutputTokens: 400, tools: [] }));
    await expect.poll(() => standing(ai)).toEqual(['day 107/0/1000']);
  });
});

describe('a composite that is a candidate', () => {
  const nest = ({ usd, onExceed }: { readonly usd: number; readonly onExceed?: 'stop' | 'cheaper' }) => {
    const models = ['a', 'b', 'c'].map(id => scriptedModel({ id, turns: [answerOf(100)] }));
    const [a, b, c] = models;
    if (a === undefined || b === undefined || c === undefined) throw new Error();
    const inner = createComposite(
      [
        { model: a, price: perToken },
        { model: b, price: { inputTokens: 0, outputTokens: 100_000 } },
      ],
      { pricing: { catalog: false }, budgets: [{ name: 'inner', usd: 10_000 }] },
    );
    const ai = createComposite([inner, { model: c, price: { inputTokens: 0, outputTokens: 10_000 } }], {
      pricing: { catalog: false },
      budgets: [{ name: 'outer', usd, ...(onExceed !== undefined && { onExceed }) }],
    });
    return { ai, inner, models };
  };

  test('has its requests counted by the budgets of both', async () => {
    const { ai, inner } = nest({ usd: 1_000 });
    await ai.doGenerate(call({ maxOutputTokens: 400, tools: [] }));
    expect(await standing(ai)).toEqual(['outer 100/0/1000']);
    expect(await standing(inner)).toEqual(['inner 100/0/10000']);
  });

  test('falls back inside, then outside, where the outer budget wants it', async () => {
    const { ai, inner, models } = nest({ usd: 50 });
    await ai.doGenerate(call({ maxOutputTokens: 400, tools: [] }));
    expect(models.map(({ calls }) => calls.length)).toEqual([0, 1, 0]);
    await ai.doGenerate(call({ maxOutputTokens: 400, tools: [] }));
    await ai.doGenerate(call({ maxOutputTokens: 400, tools: [] }));
    await ai.doGenerate(call({ maxOutputTokens: 400, tools: [] }));
    expect(models.map(({ calls }) => calls.length)).toEqual([0, 3, 1]);
    expect(await standing(ai)).toEqual(['outer 31/0/50']);
    expect(await standing(inner)).toEqual(['inner 30/0/10000']);
    expect(ai.health().every(({ state }) => state === 'closed')).toBe(true);
  });

  test('stops the call where the outer budget says stop', async () => {
    const { ai, models } = nest({ usd: 50, onExceed: 'stop' });
    const error = await rejection(ai.doGenerate(call({ maxOutputTokens: 400, tools: [] })));
    expect(BudgetExceededError.isInstance(error) && error.budget).toBe('outer');
    expect(models.map(({ calls }) => calls.length)).toEqual([0, 0, 0]);
  });

  test('shows its own budget as the reason where nobody else is left', async () => {
    const a = scriptedModel({ id: 'a', turns: [answerOf(100)] });
    const inner = createComposite([{ model: a, price: perToken }], {
      pricing: { catalog: false },
      budgets: [{ name: 'inner', usd: 10 }],
    });
    const ai = createComposite([inner]);
    const error = await rejection(ai.doGenerate(call({ maxOutputTokens: 400, tools: [] })));
    expect(BudgetExceededError.isInstance(error) && error.budget).toBe('inner');
    expect(ai.health()).toMatchObject([{ state: 'closed', consecutiveFailures: 0 }]);
  });
});

test('an agent that meets its budget in the middle ends with the error, and what it spent is known', async () => {
  await using server = await createFaultServer();
  const account = server.account('main');
  account.script(() => respond.answer({ toolCalls: [{ toolName: 'look', input: {} }], usage }));
  const tracker = createCostTracker();
  const openai = createOpenAI({ baseURL: account.baseUrl, apiKey: 'test' });
  const ai = createComposite([{ model: openai('gpt-6-sol'), price }], {
    budgets: [{ usd: 0.012, per: 'session', onExceed: 'stop' }],
    pricing: { catalog: false },
    onCallEnd: tracker.onCallEnd,
  });
  const error = await rejection(
    generateText({
      model: ai,
      prompt: 'Look around.',
      maxOutputTokens: 1_000,
      tools: { look: tool({ inputSchema: z.object({}), execute: () => 'a wall' }) },
      stopWhen: isStepCount(100),
      providerOptions: { composite: { sessionId: 'agent' } },
    }),
  );
  expect(BudgetExceededError.isInstance(error)).toBe(true);
  const [session] = await ai.budgets();
  expect(session).toMatchObject({ key: 'agent', held: { usdExact: '0' } });
  expect(session?.spent?.usdExact).toBe(tracker.snapshot().total.usdExact);
  expect(session?.spent?.usd).toBeGreaterThan(0);
  expect(session?.spent?.usd).toBeLessThanOrEqual(0.012);
});

test('a provider that charges more than it was allowed to say is counted for what it cost', async () => {
  const { ai } = compose({ budgets: [{ usd: 500 }], turns: [[answerOf(450)]] });
  await ai.doGenerate(call({ maxOutputTokens: 400, tools: [] }));
  expect(await standing(ai)).toEqual(['total 450/0/500']);
});
