import type { Budget } from '../budget/budget.ts';
import type { RateBucket } from '../budget/rate-limit.ts';

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

/** Prints rate limits for people, a line each. */
export function describeRates(rates: ReadonlyMap<string, RateBucket>): ReadonlyArray<string> {
  const buckets = new Map([...rates.values()].map(bucket => [bucket.name, bucket]));
  return [...buckets.values()].map(({ name, requests, tokens }) => {
    const owners = [...rates].filter(([, bucket]) => bucket.name === name).map(([owner]) => owner);
    const limits = [
      ...(requests === undefined ? [] : [`${requests} requests a minute`]),
      ...(tokens === undefined ? [] : [`${tokens} tokens a minute`]),
    ];
    const shared = owners.length === 1 && owners[0] === name ? '' : ` (${owners.join(', ')})`;
    return `rate limit ${name}: ${limits.join(', ') || 'as its provider says'}${shared}`;
  });
}
