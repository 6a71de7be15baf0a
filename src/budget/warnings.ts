import type { Stand } from './hold.ts';
import type { BudgetScope } from './scope.ts';
import type { Spent } from './settle.ts';

/** A budget of which the share was spent that a warning is due at. */
export type DueWarning = { readonly scope: BudgetScope; readonly stand: Stand };

/** Tells of budgets that run out, once per period and key. */
export type Warnings = { readonly afterSettling: (spent: Spent) => void };

/** So many periods and keys are remembered for having been told of. */
const mostTold = 10_000;

/** Makes warnings of which none was told. */
export function createWarnings({
  onWarning,
}: {
  readonly onWarning: (warning: DueWarning) => void;
}): Warnings {
  const told = new Set<string>();
  return {
    afterSettling: ({ claim: { scope }, amount, stand }) => {
      const { warnFrom } = scope.budget;
      if (stand === undefined) return;
      const spent = stand.used - stand.held;
      // Of all processes only the one whose settling crossed the line tells of it.
      if (spent < warnFrom || spent - amount >= warnFrom || told.has(scope.scope)) return;
      told.add(scope.scope);
      if (told.size > mostTold) {
        const [first] = told;
        if (first !== undefined) told.delete(first);
      }
      onWarning({ scope, stand });
    },
  };
}
