import type { ScopeStanding } from '../budget/standings.ts';
import { usdFromAtto } from '../cost/total/money.ts';
import type { BudgetStanding } from '../report/events.ts';

/** Where a budget stands, as people read it. */
export function toStanding({ scope: { budget, key, resetsAtMs }, stand }: ScopeStanding): BudgetStanding {
  return {
    budget: budget.name,
    key,
    limit: usdFromAtto(budget.limit),
    ...(stand !== undefined && {
      spent: usdFromAtto(stand.used - stand.held),
      held: usdFromAtto(stand.held),
    }),
    ...(resetsAtMs !== undefined && { resetsAtMs }),
  };
}
