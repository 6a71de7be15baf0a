import type { Cost, CostStatus } from '../cost.ts';
import { createSum } from './money.ts';

/** A sum of costs, exact, with the number of parts whose cost is not known. */
export type CostTotal = {
  /** The least certain of the parts; `lower-bound` where some are not known, `unknown` where none is. */
  readonly status: CostStatus;
  readonly usd?: number;
  readonly usdExact?: string;
  /** Parts without an amount: the sum is too low by them. */
  readonly incomplete: number;
  /** Parts in all. */
  readonly count: number;
};

const certainty: ReadonlyArray<CostStatus> = ['priced', 'estimated', 'lower-bound'];

/** A sum to which costs are added one by one. */
export type RunningTotal = {
  readonly add: (cost: Cost | CostTotal | null | undefined) => void;
  readonly total: () => CostTotal;
};

/** Starts a sum at nothing. */
export function createRunningTotal(): RunningTotal {
  const sum = createSum();
  let known = 0;
  let incomplete = 0;
  let count = 0;
  let worst = 0;
  return {
    add: cost => {
      // One that was stored as JSON may come back as null.
      const isSum = cost != null && 'incomplete' in cost;
      count += isSum ? cost.count : 1;
      // Costs may have been stored by others meanwhile: a text that is no amount must not break a call, nor count as 0.
      if (cost?.usdExact === undefined || !sum.addDecimal(cost.usdExact)) {
        incomplete += isSum ? cost.count : 1;
        return;
      }
      known += 1;
      if (isSum) incomplete += cost.incomplete;
      worst = Math.max(worst, certainty.indexOf(cost.status));
    },
    total: () => {
      if (known === 0 && incomplete > 0) return { status: 'unknown', incomplete, count };
      const status = incomplete > 0 ? 'lower-bound' : (certainty[worst] ?? 'priced');
      return { status, ...sum.total(), incomplete, count };
    },
  };
}

/**
 * Adds costs exactly; a missing cost counts as one part that is not known.
 *
 * @example
 * const session = addCosts([first.cost, second.cost]);
 */
export function addCosts(costs: Iterable<Cost | CostTotal | null | undefined>): CostTotal {
  const sum = createRunningTotal();
  for (const cost of costs) sum.add(cost);
  return sum.total();
}
