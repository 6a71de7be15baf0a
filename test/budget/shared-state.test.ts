import { streamText } from 'ai';
import { createComposite, memoryState, type StateStore } from 'ai-composite';
import { describe, expect, test } from 'vitest';
import { createManualClock } from '../fallback/manual-clock.ts';
import { scriptedModel, usageOf } from '../fallback/scripted-model.ts';
import { call, rejection } from '../testing/call.ts';
import { answerOf, perToken, standing } from './setup.ts';

const ask = call({ maxOutputTokens: 100, tools: [] });

function composeOn({
  state,
  ...settings
}: {
  readonly state: StateStore;
  readonly whenStateIsAway?: 'stop' | 'allow';
  readonly clock?: ReturnType<typeof createManualClock>;
}) {
  const model = scriptedModel({ id: 'a', turns: [answerOf(100)] });
  const ai = createComposite([{ model, name: 'a', price: perToken }], {
    state,
    budgets: [{ usd: 300, every: 'day', onExceed: 'stop' }],
    pricing: { catalog: false },
    onStateAway: () => undefined,
    onStateBack: () => undefined,
    ...settings,
  });
  return { ai, model };
}

test('composites that share a state share their budgets', async () => {
  const state = memoryState();
  const [one, other] = [composeOn({ state }), composeOn({ state })];
  await one.ai.doGenerate(ask);
  await other.ai.doGenerate(ask);
  expect(await standing(one.ai)).toEqual(['day 200/0/300']);
  await one.ai.doGenerate(ask);
  expect(await rejection(other.ai.doGenerate(ask))).toMatchObject({
    reason: 'exceeded',
    spent: { usd: 300 },
  });
});

describe('while the state is away', () => {
  /** A memory that answers later, and can be reached or not. */
  function failing({ clock }: { readonly clock: ReturnType<typeof createManualClock> }) {
    const base = memoryState({ clock });
    let isAway = false;
    const verbs = Object.entries(base).map(([name, verb]) => [
      name,
      async (...input: never[]) => {
        if (isAway) throw new Error('gone');
        return Reflect.apply(verb, undefined, input);
      },
    ]);
    // Every verb of the memory, with a promise around its answer.
    const state = Object.fromEntries(verbs) as StateStore;
    const setAway = (away: boolean) => {
      isAway = away;
    };
    return { state, setAway };
  }

  test('calls are refused, since nobody knows what is left', async () => {
    const clock = createManualClock();
    const { state, setAway } = failing({ clock });
    const { ai, model } = composeOn({ state, clock });
    await ai.doGenerate(ask);
    setAway(true);
    const error = await rejection(ai.doGenerate(ask));
    expect(error).toMatchObject({ name: 'BudgetExceededError', reason: 'away', limit: { usd: 300 } });
    expect(String(error)).toContain('The budget "day" cannot be asked for task "default".');
    expect(model.calls).toHaveLength(1);
    setAway(false);
    await clock.advance(2_000);
    await ai.doGenerate(ask);
    expect(await standing(ai)).toEqual(['day 200/0/300']);
  });

  test("'allow' lets them go on, and counts what they cost when it is back", async () => {
    const clock = createManualClock();
    const { state, setAway } = failing({ clock });
    const { ai } = composeOn({ state, clock, whenStateIsAway: 'allow' });
    await ai.doGenerate(ask);
    setAway(true);
    await ai.doGenerate(ask);
    expect((await ai.budgets())[0]).not.toHaveProperty('spent');
    setAway(false);
    await clock.advance(2_000);
    await ai.doGenerate(ask);
    await expect.poll(() => standing(ai)).toEqual(['day 300/0/300']);
  });
});

test('an answer that is continued by another candidate is paid for twice, out of one budget', async () => {
  const cut = scriptedModel({
    id: 'a',
    turns: [{ text: ['one ', 'two ', 'three '], breakAfter: 4, error: new Error('cut') }],
  });
  const whole = scriptedModel({
    id: 'b',
    turns: [{ text: ['one ', 'two ', 'three ', 'four'], usage: usageOf(0, 40) }],
  });
  const ai = createComposite({
    tasks: {
      chat: {
        candidates: [
          { model: cut, name: 'a', price: perToken },
          { model: whole, name: 'b', price: perToken },
        ],
        recover: 'continue',
      },
    },
    budgets: [{ usd: 900, onExceed: 'stop' }],
    pricing: { catalog: false },
    retry: false,
  });
  const result = streamText({ model: ai, prompt: 'Count.', maxOutputTokens: 400, onError: () => undefined });
  expect(await result.text).toBe('one two three four');
  const [total] = await ai.budgets();
  expect(total?.held?.usd).toBe(0);
  expect(total?.spent?.usd).toBeGreaterThan(40);
});
