import type { Cost, CostStatus } from './cost.ts';
import { attoFromUsd, usdFromAtto } from './money.ts';

/** A sum of costs, exact, with the number of parts whose cost is not known. */
export type CostTotal = {
  /** The least certain of the parts; `unknown` only where no part is known. */
  readonly status: CostStatus;
  readonly usd?: number;
  readonly usdExact?: string;
  /** Parts without an amount: the sum is too low by them. */
  readonly incomplete: number;
  /** Parts in all. */
  readonly count: number;
};

const certainty: ReadonlyArray<CostStatus> = ['priced', 'estimated', 'lower-bound'];

/** Adds costs exactly; a missing cost counts as one part that is not known. */
export function addCosts(costs: Iterable<Cost | CostTotal | undefined>): CostTotal {
  let total = 0n;
  let known = 0;
  let incomplete = 0;
  let count = 0;
  let worst = 0;
  for (const cost of costs) {
    count += cost !== undefined && 'count' in cost ? cost.count : 1;
    if (cost !== undefined && 'incomplete' in cost) incomplete += cost.incomplete;
    if (cost?.usdExact === undefined) {
      if (cost === undefined || !('incomplete' in cost)) incomplete += 1;
      continue;
    }
    known += 1;
    total += attoFromUsd(cost.usdExact);
    worst = Math.max(worst, certainty.indexOf(cost.status));
  }
  if (known === 0 && incomplete > 0) return { status: 'unknown', incomplete, count };
  const status = incomplete > 0 ? 'lower-bound' : (certainty[worst] ?? 'priced');
  return { status, ...usdFromAtto(total), incomplete, count };
}
