import type { Budget } from '../budget/budget.ts';
import { formatUsd } from '../cost/index.ts';
import { usdFromAtto } from '../cost/total/money.ts';

/** Prints budgets for people, a line each: how much, how long, whose, and what gives way first. */
export function describeBudgets(budgets: ReadonlyArray<Budget>): ReadonlyArray<string> {
  return budgets.map(({ name, limit, every, per, onExceed }) => {
    const period =
      every === undefined ? '' : typeof every === 'number' ? ` every ${every} ms` : ` every ${every}`;
    return `budget ${name}: ${formatUsd(usdFromAtto(limit))}${period}${ownerOf(per)}, ${onExceed}`;
  });
}

function ownerOf(per: Budget['per']): string {
  if (per === undefined) return '';
  if (typeof per === 'function') return ' per key of a function';
  return ` per ${typeof per === 'string' ? per : per.tag}`;
}
