import type { Answer } from '../state/store.ts';
import type { Budget } from './budget.ts';
import type { HoldState, Stand } from './hold.ts';
import { type BudgetOwner, type BudgetScope, scopeOf } from './scope.ts';
import { whenThere } from './when-there.ts';

/** Where a budget stands for one key in this period; undefined while the state is away. */
export type ScopeStanding = { readonly scope: BudgetScope; readonly stand: Stand | undefined };

/** The keys that were seen, of the budgets that have keys. */
export type SeenKeys = {
  readonly add: (owner: BudgetOwner) => void;
  readonly of: (budget: Budget) => Iterable<string>;
};

/** Keys remembered of each budget, the ones seen last. */
const mostKeys = 10_000;

/** Makes an empty memory of keys. */
export function createSeenKeys(): SeenKeys {
  const byBudget = new Map<Budget, Set<string>>();
  return {
    add: ({ budget, key, purse }) => {
      if (budget.per === undefined || purse !== undefined) return;
      const keys = byBudget.get(budget) ?? new Set<string>();
      byBudget.set(budget, keys);
      keys.delete(key);
      keys.add(key);
      if (keys.size <= mostKeys) return;
      const [first] = keys;
      if (first !== undefined) keys.delete(first);
    },
    of: budget => byBudget.get(budget) ?? [],
  };
}

/** Reads where budgets stand; one that each call has for itself stands nowhere. */
export function standingsOf({
  owners,
  state,
  nowMs,
}: {
  readonly owners: ReadonlyArray<BudgetOwner>;
  readonly state: HoldState;
  readonly nowMs: number;
}): Answer<ReadonlyArray<ScopeStanding>> {
  const scopes = owners
    .filter(({ budget }) => budget.per !== 'call')
    .map((owner): BudgetScope => scopeOf({ ...owner, nowMs }));
  if (scopes.length === 0) return [];
  return whenThere({
    answer: state.standings(scopes.map(({ scope }) => ({ scope }))),
    next: stands => scopes.map((scope, index): ScopeStanding => ({ scope, stand: stands?.[index] })),
  });
}

/** Whoever has a budget: all together, or each key that was seen. */
export function everyOwner({
  budgets,
  seen,
}: {
  readonly budgets: ReadonlyArray<Budget>;
  readonly seen: SeenKeys;
}): ReadonlyArray<BudgetOwner> {
  return budgets.flatMap(budget => {
    const keys = budget.per === undefined ? [''] : [...seen.of(budget)];
    return keys.map(key => ({ budget, key, purse: undefined }));
  });
}
