import { settleQuietly } from '../boundary/callback.ts';
import { createTextHash } from '../boundary/text-hash.ts';
import type { Budget, BudgetRequest } from './budget.ts';
import { periodAt } from './period.ts';
import type { Purse } from './purse.ts';

/** One budget as it holds for one call: whose it is, in which period. */
export type BudgetScope = {
  readonly budget: Budget;
  /** Whose it is; empty where all share it, or where a call does not say. */
  readonly key: string;
  /** Its name in the store. */
  readonly scope: string;
  readonly resetsAtMs: number | undefined;
  /** Where the call itself keeps it; undefined where calls share it in the state. */
  readonly purse: Purse | undefined;
  /** How long the store keeps it after it was last touched. */
  readonly keepMs: number;
};

/** A late cost must still find the period that it belongs to. */
const keepAfterEndMs = 86_400_000;

/** Names a budget's scope at a moment, for one key. */
export function scopeOf({
  budget,
  key,
  purse,
  nowMs,
}: BudgetOwner & { readonly nowMs: number }): BudgetScope {
  const { name, endsAtMs } = periodAt({ every: budget.every, nowMs });
  return {
    budget,
    key,
    purse,
    scope: `budget:${JSON.stringify([budget.name, name, shortened(key)])}`,
    resetsAtMs: endsAtMs,
    keepMs: endsAtMs === undefined ? Number.POSITIVE_INFINITY : endsAtMs - nowMs + keepAfterEndMs,
  };
}

/** A budget, and whose it is; the same for every request of a call. */
export type BudgetOwner = Pick<BudgetScope, 'budget' | 'key' | 'purse'>;

/** Finds the budgets that a call counts for. */
export function ownersOf({
  budgets,
  request,
  purses,
}: {
  readonly budgets: ReadonlyArray<Budget>;
  readonly request: BudgetRequest;
  /** Of the call, by the name of the budget; made where they are missing. */
  readonly purses: Map<string, Purse>;
}): ReadonlyArray<BudgetOwner> {
  return budgets.flatMap(budget => {
    const key = keyOf({ budget, request });
    if (key === undefined) return [];
    return [{ budget, key, purse: budget.per === 'call' ? purseOf({ budget, purses }) : undefined }];
  });
}

function purseOf({
  budget: { name },
  purses,
}: {
  readonly budget: Budget;
  readonly purses: Map<string, Purse>;
}): Purse {
  const purse = purses.get(name) ?? { used: 0n, held: 0n };
  purses.set(name, purse);
  return purse;
}

function keyOf({
  budget: { per },
  request,
}: {
  readonly budget: Budget;
  readonly request: BudgetRequest;
}): string | undefined {
  if (per === undefined || per === 'call') return '';
  if (per === 'session') return request.sessionId ?? '';
  if (typeof per === 'object') return Object.hasOwn(request.tags, per.tag) ? request.tags[per.tag] : '';
  let key: unknown;
  try {
    key = per(request);
  } catch {
    // One that fails must not let a call past the budget: it counts among those that do not say whose they are.
    return '';
  }
  if (key === undefined || typeof key === 'string') return key;
  settleQuietly(key);
  return typeof key === 'number' ? String(key) : '';
}

/** Stores take names of some hundred characters; what is longer is cut, with a mark of the whole. */
const longestKey = 200;

function shortened(key: string): string {
  if (key.length <= longestKey) return key;
  const hash = createTextHash();
  hash.add(key);
  return `${key.slice(0, longestKey)}~${hash.read()}`;
}
