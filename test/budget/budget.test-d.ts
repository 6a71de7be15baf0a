import { type BudgetStanding, createComposite } from 'ai-composite';
import { expectTypeOf, test } from 'vitest';
import { scriptedModel } from '../fallback/scripted-model.ts';

const model = scriptedModel({ id: 'one', turns: [] });

test('budgets and rate limits are typed', () => {
  const ai = createComposite([{ model, rateLimit: { requestsPerMinute: 60, group: 'project' } }], {
    budgets: [{ usd: 25, every: 'day', per: ({ tags }) => tags.customer, onExceed: 'stop' }],
  });
  expectTypeOf(ai.budgets()).resolves.toEqualTypeOf<ReadonlyArray<BudgetStanding>>();
  // @ts-expect-error: a budget has a limit
  createComposite([model], { budgets: [{ every: 'day' }] });
  // @ts-expect-error: a limit is a number
  createComposite([model], { budgets: [{ usd: '25' }] });
  // @ts-expect-error: there is no such period
  createComposite([model], { budgets: [{ usd: 25, every: 'week' }] });
  // @ts-expect-error: a key is needed at once
  createComposite([model], { budgets: [{ usd: 25, per: async () => 'key' }] });
  // @ts-expect-error: there is no such limit
  createComposite([{ model, rateLimit: { rpm: 60 } }]);
});
