import { type BudgetSettings, createComposite } from 'ai-composite';
import { describe, expect, test } from 'vitest';
import { scriptedModel } from '../fallback/scripted-model.ts';
import { answerOf, perToken } from './setup.ts';

const model = { model: scriptedModel({ id: 'a', turns: [answerOf(1)] }), price: perToken };

function composeWith(budgets: unknown) {
  return createComposite([model], {
    // The types refuse most of these.
    budgets: budgets as ReadonlyArray<BudgetSettings>,
    pricing: { catalog: false },
  });
}

describe('budgets that cannot work are refused, with the option, the value and the fix', () => {
  test.each<[unknown, string]>([
    [25, 'Invalid budgets: must be a list of budgets, such as [{ usd: 25, every: "day" }] (got 25).'],
    [
      [{ usd: 0 }],
      'Invalid budgets.0.usd: must be above 0: a budget of nothing lets no call through (got 0).',
    ],
    [
      [{ usd: -1 }],
      'Invalid budgets.0.usd: must be above 0: a budget of nothing lets no call through (got -1).',
    ],
    [[{ usd: Number.NaN }], 'Invalid budgets.0.usd: must be a number of USD (got NaN).'],
    [[{ usd: '25' }], 'Invalid budgets.0.usd: must be a number of USD (got "25").'],
    [[{ every: 'day' }], 'Invalid budgets.0.usd: must be a number of USD (got undefined).'],
    [
      [{ usd: 1, every: 'week' }],
      "Invalid budgets.0.every: must be 'hour', 'day', 'month' or a whole number of milliseconds above 0 (got \"week\").",
    ],
    [[{ usd: 1, every: 0 }], 'Invalid budgets.0.every: must be at least 1 millisecond (got 0).'],
    [
      [{ usd: 1, per: 'user' }],
      "Invalid budgets.0.per: must be 'call', 'session', { tag: 'customer' } or a function that answers a key at once (got \"user\").",
    ],
    [
      [{ usd: 1, per: { tag: '' } }],
      'Invalid budgets.0.per.tag: must be the name of a tag, such as "customer" (got "").',
    ],
    [
      [{ usd: 1, per: async () => 'key' }],
      'Invalid budgets.0.per: must answer at once: an async function or a generator cannot (got a function).',
    ],
    [
      [{ usd: 1, onExceed: 'warn' }],
      "Invalid budgets.0.onExceed: must be 'clamp', 'cheaper' or 'stop' (got \"warn\").",
    ],
    [
      [{ usd: 1, warnAt: 80 }],
      'Invalid budgets.0.warnAt: must be at most 1: it is a share of the limit, such as 0.8 (got 80).',
    ],
    [
      [{ usd: 1, unknownUsd: 2 }],
      'Invalid budgets.0.unknownUsd: is more than the whole budget, 1, so no such request could be made; set less, or leave it out (got 2).',
    ],
    [
      [{ usd: 1, limit: 2 }],
      'Invalid budgets.0: has no option "limit"; it takes name, usd, every, per, onExceed, warnAt, unknownUsd (got an object with usd, limit).',
    ],
    [
      [
        { usd: 1, every: 'day' },
        { usd: 2, every: 'day' },
      ],
      'Invalid budgets.1.name: is the name of another budget already; give each budget a name of its own (got "day").',
    ],
    [
      [{ usd: 1, per: 'call', every: 'day' }],
      'Invalid budgets.0.every: has no meaning beside per: \'call\', which is over when the call is; leave it out (got "day").',
    ],
  ])('%j', (budgets, message) => {
    expect(() => composeWith(budgets)).toThrow(message);
  });
});

test('an empty list bounds nothing', async () => {
  expect(await composeWith([]).budgets()).toEqual([]);
});

test('a candidate whose price can be found is no reason to refuse', () => {
  const unpriced = scriptedModel({ id: 'b', turns: [answerOf(1)] });
  expect(() => createComposite([unpriced], { budgets: [{ usd: 1 }] })).not.toThrow();
  expect(() =>
    createComposite([() => unpriced], { budgets: [{ usd: 1 }], pricing: { catalog: false } }),
  ).not.toThrow();
  expect(() =>
    createComposite([unpriced], { budgets: [{ usd: 1, unknownUsd: 0.1 }], pricing: { catalog: false } }),
  ).not.toThrow();
});
