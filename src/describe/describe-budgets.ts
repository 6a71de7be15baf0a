import type { Budget } from '../budget/budget.ts';

const attoPerUsd = 1e18;

/** Prints budgets for people, a line each: how much, how long, whose, and what gives way first. */
export function describeBudgets(budgets: ReadonlyArray<Budget>): ReadonlyArray<string> {
  return budgets.map(({ name, limit, every, per, onExceed }) => {
    const period =
      every === undefined ? '' : typeof every === 'number' ? ` every ${every} ms` : ` every ${every}`;
    return `budget ${name}: $${Number(limit) / attoPerUsd}${period}${ownerOf(per)}, ${onExceed}`;
  });
}

function ownerOf(per: Budget['per']): string {
  if (per === undefined) return '';
  if (typeof per === 'function') return ' per key of a function';
  return ` per ${typeof per === 'string' ? per : per.tag}`;
}
