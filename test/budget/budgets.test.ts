import { generateText, streamText } from 'ai';
import {
  BudgetExceededError,
  type BudgetStanding,
  compositeMetadata,
  createComposite,
  RouteExhaustedError,
} from 'ai-composite';
import { describe, expect, test } from 'vitest';
import { createGate } from '../../src/testing/index.ts';
import { down, scriptedModel } from '../fallback/scripted-model.ts';
import { call, rejection } from '../testing/call.ts';
import { answerOf, compose, gated, perToken, standing } from './setup.ts';

const ask = call({ maxOutputTokens: 400, tools: [] });

describe('a budget', () => {
  test('holds what a request may cost at most while it is under way, and what it cost afterwards', async () => {
    const gate = createGate();
    const { ai } = compose({
      budgets: [{ usd: 1_000, every: 'day' }],
      turns: [[gated({ gate: gate.opened, outputTokens: 100 })]],
    });
    const answer = ai.doGenerate(ask);
    await expect.poll(() => standing(ai)).toEqual(['day 0/400/1000']);
    gate.open();
    await answer;
    expect(await standing(ai)).toEqual(['day 100/0/1000']);
  });

  test('lets no number of concurrent calls pass its limit', async () => {
    const gate = createGate();
    const { ai, first } = compose({
      budgets: [{ usd: 1_000, every: 'day', onExceed: 'cheaper' }],
      turns: [[gated({ gate: gate.opened, outputTokens: 400 })]],
    });
    const calls = Array.from({ length: 50 }, () => ai.doGenerate(ask).then(() => 'answer', String));
    await expect.poll(() => standing(ai)).toEqual(['day 0/800/1000']);
    gate.open();
    const ended = await Promise.all(calls);
    expect(ended.filter(end => end === 'answer')).toHaveLength(2);
    expect(first.calls).toHaveLength(2);
    expect(await standing(ai)).toEqual(['day 800/0/1000']);
  });

  test('starts anew with its period, whose end it tells', async () => {
    const { ai, clock } = compose({
      budgets: [
        { usd: 500, every: 'hour', onExceed: 'stop' },
        { usd: 9_000, every: 'month' },
      ],
      turns: [[answerOf(400)]],
    });
    await ai.doGenerate(ask);
    const refused = await rejection(ai.doGenerate(ask));
    expect(BudgetExceededError.isInstance(refused) && refused.resetsAtMs).toBe(Date.UTC(2026, 10, 1, 1));
    await clock.advance(3_600_000);
    await ai.doGenerate(ask);
    expect(await ai.budgets()).toMatchObject([
      { budget: 'hour', spent: { usd: 400 }, resetsAtMs: Date.UTC(2026, 10, 1, 2) },
      { budget: 'month', spent: { usd: 800 }, resetsAtMs: Date.UTC(2026, 11, 1) },
    ]);
  });

  test('counts a cost in the period in which its request was made', async () => {
    const gate = createGate();
    const { ai, clock } = compose({
      budgets: [{ usd: 500, every: 60_000 }],
      turns: [[gated({ gate: gate.opened, outputTokens: 100 }), answerOf(7)]],
    });
    const early = ai.doGenerate(ask);
    await expect.poll(() => standing(ai)).toEqual(['60000 ms 0/400/500']);
    await clock.advance(60_000);
    expect(await standing(ai)).toEqual(['60000 ms 0/0/500']);
    await ai.doGenerate(ask);
    gate.open();
    await early;
    expect(await standing(ai)).toEqual(['60000 ms 7/0/500']);
  });

  test('is of each session, tag value or key that it says', async () => {
    const { ai } = compose({
      budgets: [
        { usd: 500, per: 'session' },
        { usd: 500, per: { tag: 'customer' }, every: 'day' },
        {
          name: 'free users',
          usd: 500,
          per: ({ tags }) => (tags.plan === 'free' ? tags.customer : undefined),
        },
      ],
      turns: [[answerOf(100)]],
    });
    const by = (composite: Record<string, unknown>) =>
      ai.doGenerate({ ...ask, providerOptions: { composite } as never });
    await by({ sessionId: 's1', tags: { customer: 'acme', plan: 'free' } });
    await by({ sessionId: 's1', tags: { customer: 'zoo', plan: 'paid' } });
    await by({});
    expect(await standing(ai)).toEqual([
      'total per session[s1] 200/0/500',
      'total per session 100/0/500',
      'day per customer[acme] 100/0/500',
      'day per customer[zoo] 100/0/500',
      'day per customer 100/0/500',
      'free users[acme] 100/0/500',
    ]);
  });

  test('of each call bounds its retries and fallbacks together, and is over with it', async () => {
    const { ai, models } = compose({
      budgets: [{ usd: 500, per: 'call', onExceed: 'cheaper' }],
      // The first is paid for, and its answer is none.
      turns: [[{ ...answerOf(200), finish: 'error' }], [answerOf(10)]],
      rates: [perToken, perToken],
    });
    for (let index = 0; index < 2; index++) {
      const error = await rejection(ai.doGenerate(ask));
      expect(String(error)).toContain('- b: left out: budget "call" has $300.00 left of $500.00');
    }
    expect(models.map(({ calls }) => calls.length)).toEqual([2, 0]);
    expect(await ai.budgets()).toEqual([]);
  });

  test('counts with every other that applies: the tightest decides', async () => {
    const { ai } = compose({
      budgets: [
        { name: 'company', usd: 1_000 },
        { name: 'team', usd: 300, onExceed: 'cheaper' },
      ],
    });
    const refused = await rejection(ai.doGenerate(ask));
    expect(refused).toMatchObject({ budget: 'team', reason: 'exceeded' });
    expect(await standing(ai)).toEqual(['company 0/0/1000', 'team 0/0/300']);
  });

  test('counts what a call has cost to the last digit, however often', async () => {
    const { ai } = compose({
      budgets: [{ usd: 1, every: 'day' }],
      rates: [{ inputTokens: 0.1, outputTokens: 0.7 }],
      turns: [[answerOf(1)]],
    });
    for (let index = 0; index < 200; index++) await ai.doGenerate({ ...ask, maxOutputTokens: 10 });
    // 200 times 3 tokens at 0.1 and 1 at 0.7 USD per million.
    expect(await standing(ai)).toEqual(['day 0.0002/0/1']);
  });
});

describe('what gives way where a request does not fit', () => {
  test('first the length of the answer, with a warning that says so', async () => {
    const { ai, first } = compose({ budgets: [{ usd: 300, every: 'day' }], turns: [[answerOf(50)]] });
    const { warnings } = await ai.doGenerate(ask);
    expect(first.calls[0]?.maxOutputTokens).toBe(300);
    expect(warnings).toEqual([
      {
        type: 'other',
        message:
          'ai-composite: The budget "day" leaves room for 300 of 400 output tokens of a; a longer answer ends there, with the finish reason "length".',
      },
    ]);
    expect(await standing(ai)).toEqual(['day 50/0/300']);
  });

  test('then the candidate: a cheaper one that fits, and the report says who was left out for the budget', async () => {
    const { ai, models } = compose({ budgets: [{ usd: 100 }], turns: [[answerOf(9)], [answerOf(20)]] });
    const result = await generateText({ model: ai, prompt: 'Hi', maxOutputTokens: 400 });
    expect(models.map(({ calls }) => calls.length)).toEqual([0, 1]);
    expect(models[1]?.calls[0]?.maxOutputTokens).toBe(400);
    expect(compositeMetadata(result)).toMatchObject({
      candidate: 'b',
      skipped: [
        { candidate: 'a', reason: 'budget "total" has $100.00 left of $100.00, it takes $256.00 at least' },
      ],
    });
  });

  test("'cheaper' shortens no answer", async () => {
    const { ai, models } = compose({
      budgets: [{ usd: 300, onExceed: 'cheaper' }],
      turns: [[answerOf(9)], [answerOf(20)]],
    });
    await ai.doGenerate(ask);
    expect(models.map(({ calls }) => calls.map(({ maxOutputTokens }) => maxOutputTokens))).toEqual([
      [],
      [400],
    ]);
  });

  test("'stop' asks nobody else", async () => {
    const { ai, models } = compose({
      budgets: [{ usd: 300, onExceed: 'stop' }],
      turns: [[answerOf(9)], [answerOf(20)]],
    });
    const refused = await rejection(ai.doGenerate(ask));
    expect(refused).toMatchObject({ budget: 'total', needed: { usdExact: '400' } });
    expect(models.map(({ calls }) => calls.length)).toEqual([0, 0]);
  });

  test('an answer of fewer than 256 tokens is asked of nobody, unless the call wants so few', async () => {
    const { ai, first } = compose({ budgets: [{ usd: 255 }] });
    expect(await rejection(ai.doGenerate(ask))).toMatchObject({ needed: { usdExact: '256' } });
    await ai.doGenerate({ ...ask, maxOutputTokens: 200 });
    expect(first.calls.map(({ maxOutputTokens }) => maxOutputTokens)).toEqual([200]);
  });

  test('the error names the budget, whose it is, the amounts and when it resets; no request was made, nobody is unwell', async () => {
    const { ai, first } = compose({
      budgets: [{ usd: 300, every: 'day', per: { tag: 'customer' } }],
      turns: [[answerOf(200)]],
    });
    const options = { ...ask, providerOptions: { composite: { tags: { customer: 'acme' } } } };
    await ai.doGenerate(options);
    const error = await rejection(ai.doStream(options));
    if (!BudgetExceededError.isInstance(error)) throw error;
    expect(first.calls).toHaveLength(1);
    expect(error.message).toBe(
      'The budget "day per customer" of acme leaves no room for task "default". It starts anew at 2026-11-02T00:00:00.000Z.\n' +
        '- a: budget "day per customer" has $100.00 left of $300.00, it takes $256.00 at least',
    );
    expect({ ...error }).toMatchObject({
      task: 'default',
      budget: 'day per customer',
      key: 'acme',
      limit: { usd: 300, usdExact: '300' },
      spent: { usdExact: '200' },
      held: { usdExact: '0' },
      needed: { usdExact: '256' },
      resetsAtMs: Date.UTC(2026, 10, 2),
      reason: 'exceeded',
      isRetryable: false,
      cost: { status: 'priced', usd: 0, count: 0 },
    });
    expect(error.callId).not.toBe('');
    expect(ai.health()).toEqual([expect.objectContaining({ state: 'closed', consecutiveFailures: 0 })]);
  });

  test('the SDK does not retry it, and streams show it as their error', async () => {
    const { ai } = compose({ budgets: [{ usd: 1 }] });
    const errors: unknown[] = [];
    const result = streamText({ model: ai, prompt: 'Hi', onError: ({ error }) => void errors.push(error) });
    await result.consumeStream();
    expect(errors.map(error => BudgetExceededError.isInstance(error))).toEqual([true]);
  });

  test('where somebody was asked and failed, nobody answered: the error says who else was left out', async () => {
    const { ai } = compose({
      budgets: [{ usd: 300, onExceed: 'cheaper' }],
      turns: [[{ error: down }], [answerOf(1)]],
      rates: [{ inputTokens: 0, outputTokens: 10 }, perToken],
    });
    const error = await rejection(ai.doGenerate(ask));
    expect(RouteExhaustedError.isInstance(error)).toBe(true);
    expect(String(error)).toContain(
      '- b: left out: budget "total" has $300.00 left of $300.00, it takes $400.00 at least',
    );
  });
});

describe('how long an answer is taken to be', () => {
  test('a call that does not say may have half of what is left, and is not touched', async () => {
    const gpt = scriptedModel({ id: 'gpt-6-sol', turns: [answerOf(500)], provider: 'openai.responses' });
    const ai = createComposite([{ model: gpt, price: { inputTokens: 5, outputTokens: 25 } }], {
      budgets: [{ usd: 25, every: 'day' }],
      pricing: { catalog: false },
    });
    // An agent with a long history.
    const text = 'word '.repeat(200_000);
    await ai.doGenerate({ prompt: [{ role: 'user', content: [{ type: 'text', text }] }] });
    expect(gpt.calls[0]?.maxOutputTokens).toBeUndefined();
  });

  test('where that is too much of what is left, it gets the usual length, so that others find room', async () => {
    const gate = createGate();
    const turns = [gated({ gate: gate.opened, outputTokens: 10 })];
    const model = scriptedModel({ id: 'new-model', turns });
    const ai = createComposite([{ model, price: { inputTokens: 0, outputTokens: 10 } }], {
      budgets: [{ usd: 1, every: 'day' }],
      pricing: { catalog: false },
    });
    const calls = Array.from({ length: 5 }, () => ai.doGenerate(call({ tools: [] })));
    await expect.poll(() => model.calls.length).toBe(5);
    expect(model.calls.map(({ maxOutputTokens }) => maxOutputTokens)).toEqual(Array(5).fill(16_384));
    gate.open();
    const told = (await Promise.all(calls)).flatMap(({ warnings }) =>
      warnings.map(warning => JSON.stringify(warning)),
    );
    expect(told).toEqual([expect.stringContaining('Set maxOutputTokens to say how long an answer may be.')]);
  });

  test("the candidate's own limit bounds it, and its context window", async () => {
    const gate = createGate();
    const turns = [gated({ gate: gate.opened, outputTokens: 1 })];
    const ai = createComposite(
      [
        {
          model: scriptedModel({ id: 'm', turns }),
          price: perToken,
          capabilities: { maxOutputTokens: 2_000 },
        },
      ],
      { budgets: [{ usd: 10_000 }], pricing: { catalog: false } },
    );
    const answer = ai.doGenerate(call({ tools: [] }));
    await expect.poll(() => standing(ai)).toEqual(['total 0/2000/10000']);
    gate.open();
    await answer;
  });
});

describe('an unknown price', () => {
  const unpriced = (onto: object = {}) => ({
    model: scriptedModel({ id: 'm', turns: [answerOf(5)] }),
    ...onto,
  });

  test('is refused at construction where it can be known, with the fix', () => {
    expect(() =>
      createComposite([unpriced({ name: 'mine' })], { budgets: [{ usd: 1 }], pricing: { catalog: false } }),
    ).toThrow(
      /budgets: cannot count mine, which has no price: give the candidate a price, add it to prices, or set the budget's unknownUsd \(got "total"\)/,
    );
  });

  test('leaves the candidate out where only the call shows it; never 0', async () => {
    const priced = scriptedModel({ id: 'n', turns: [answerOf(5)] });
    const ai = createComposite(
      [unpriced({ name: 'mine' }), { model: priced, name: 'other', price: perToken }],
      {
        budgets: [{ usd: 1_000 }],
        pricing: { onWarning: () => undefined },
      },
    );
    const result = await generateText({ model: ai, prompt: 'Hi', maxOutputTokens: 300 });
    expect(compositeMetadata(result)?.skipped).toEqual([
      {
        candidate: 'mine',
        reason: 'budget "total" cannot count it: no price is known, and it has no unknownUsd',
      },
    ]);
  });

  test('holds and spends what the budget says for it', async () => {
    const ai = createComposite([unpriced()], {
      budgets: [{ usd: 1, unknownUsd: 0.3, onExceed: 'stop' }],
      pricing: { catalog: false, onWarning: () => undefined },
    });
    for (let index = 0; index < 3; index++) await ai.doGenerate(ask);
    expect(await standing(ai)).toEqual(['total 0.9/0/1']);
    expect(await rejection(ai.doGenerate(ask))).toMatchObject({ reason: 'exceeded' });
  });
});

describe('onBudgetWarning', () => {
  test('is told once for each period and key, when what was spent reaches warnAt', async () => {
    const told: BudgetStanding[] = [];
    const { ai, clock } = compose({
      budgets: [{ usd: 1_000, every: 'hour', per: { tag: 'customer' }, warnAt: 0.5 }],
      turns: [[answerOf(200)]],
      onBudgetWarning: standing => void told.push(standing),
    });
    const by = (customer: string) =>
      ai.doGenerate({ ...ask, providerOptions: { composite: { tags: { customer } } } });
    for (let index = 0; index < 4; index++) await by('acme');
    await by('zoo');
    expect(told).toEqual([
      {
        budget: 'hour per customer',
        key: 'acme',
        limit: { usd: 1_000, usdExact: '1000' },
        spent: { usd: 600, usdExact: '600' },
        held: { usd: 0, usdExact: '0' },
        resetsAtMs: Date.UTC(2026, 10, 1, 1),
      },
    ]);
    await clock.advance(3_600_000);
    for (let index = 0; index < 3; index++) await by('acme');
    expect(told).toHaveLength(2);
  });

  test('may throw, and nobody learns of it', async () => {
    const { ai } = compose({
      budgets: [{ usd: 400, warnAt: 0.1 }],
      onBudgetWarning: () => {
        throw new Error('mine');
      },
    });
    await ai.doGenerate(ask);
    expect(await standing(ai)).toEqual(['total 100/0/400']);
  });
});

describe('ai.plan() and ai.describe()', () => {
  test('show what would be held, where the budgets of the call stand, and every budget', async () => {
    const { ai, models } = compose({
      budgets: [
        { usd: 1_000, every: 'day', per: { tag: 'customer' } },
        { usd: 50, per: 'call', onExceed: 'stop' },
      ],
    });
    const plan = await ai.plan({
      ...ask,
      providerOptions: { composite: { tags: { customer: 'acme' } } },
    });
    expect(plan.steps[0]?.hold).toEqual({ usd: 400, usdExact: '400', outputTokens: 400 });
    expect(plan.budgets).toMatchObject([{ budget: 'day per customer', key: 'acme', spent: { usd: 0 } }]);
    expect(models[0]?.calls).toEqual([]);
    expect(ai.describe().split('\n').slice(-3)).toEqual([
      '',
      'budget day per customer: $1000 every day per customer, clamp',
      'budget call: $50 per call, stop',
    ]);
  });
});
