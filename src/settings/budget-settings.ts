import { refuse } from '../boundary/check.ts';
import type { Budget, BudgetSettings } from '../budget/budget.ts';
import type { Budgets } from '../budget/budgets.ts';
import type { Candidate } from '../candidate/candidate.ts';
import type { PricingOptions } from '../cost/index.ts';
import { findUserPrice } from '../cost/price/user-price.ts';
import { attoFromUsd } from '../cost/total/money.ts';
import { notMade } from '../provider/lazy-model.ts';
import { parseRateLimits, type RateBuckets } from './rate-limit-settings.ts';

/** What bounds calls, and what sees to it, which is made when it is first needed. */
export type Spending = {
  readonly settings: ReadonlyArray<Budget>;
  readonly rates: RateBuckets;
  readonly whenAway: 'stop' | 'allow';
  budgets: Budgets | undefined;
};

/** Parses what bounds calls; undefined where nothing does. Throws `InvalidArgumentError` on what cannot work. */
export function parseSpending({
  defaults,
  budgets = [],
  whenStateIsAway = defaults.whenStateIsAway,
  candidates,
  pricing,
}: {
  readonly defaults: BudgetDefaults;
  readonly budgets: ReadonlyArray<BudgetSettings> | undefined;
  readonly candidates: ReadonlyArray<Candidate>;
  readonly whenStateIsAway: 'stop' | 'allow' | undefined;
  readonly pricing: PricingOptions;
}): Spending | undefined {
  const rates = parseRateLimits(candidates);
  if (budgets.length === 0 && rates.size === 0) return undefined;
  const settings = parseBudgets({ settings: budgets, defaults });
  checkPriced({ budgets: settings, candidates, pricing });
  return { settings, rates, whenAway: whenStateIsAway, budgets: undefined };
}

type BudgetDefaults = { readonly warnAt: number; readonly whenStateIsAway: 'stop' | 'allow' };

function parseBudgets({
  settings,
  defaults,
}: {
  readonly settings: ReadonlyArray<BudgetSettings>;
  readonly defaults: BudgetDefaults;
}): ReadonlyArray<Budget> {
  const names = new Set<string>();
  return settings.map((own, index) => {
    const path = ['budgets', String(index)];
    const { usd, every, per, onExceed = 'clamp', warnAt = defaults.warnAt, unknownUsd } = own;
    const name = own.name ?? nameOf(own);
    if (names.has(name))
      refuse({
        path: [...path, 'name'],
        value: name,
        problem: 'is the name of another budget already; give each budget a name of its own',
      });
    names.add(name);
    if (per === 'call' && every !== undefined)
      refuse({
        path: [...path, 'every'],
        value: every,
        problem: "has no meaning beside per: 'call', which is over when the call is; leave it out",
      });
    if (unknownUsd !== undefined && unknownUsd > usd)
      refuse({
        path: [...path, 'unknownUsd'],
        value: unknownUsd,
        problem: `is more than the whole budget, ${usd}, so no such request could be made; set less, or leave it out`,
      });
    const limit = attoFromUsd(usd);
    return {
      name,
      limit,
      every,
      per,
      onExceed,
      warnFrom: (limit * attoFromUsd(warnAt)) / attoFromUsd(1),
      unknown: unknownUsd === undefined ? undefined : attoFromUsd(unknownUsd),
    };
  });
}

/** What a budget is, in words. */
function nameOf({ every, per }: BudgetSettings): string {
  if (per === 'call') return 'call';
  const period = every === undefined ? 'total' : typeof every === 'number' ? `${every} ms` : every;
  if (per === undefined) return period;
  return `${period} per ${per === 'session' ? per : typeof per === 'object' ? per.tag : 'key'}`;
}

/** Refuses candidates that a budget cannot count, where that can be known before the first call. */
function checkPriced({
  budgets,
  candidates,
  pricing: { catalog, prices = {} },
}: {
  readonly budgets: ReadonlyArray<Budget>;
  readonly candidates: ReadonlyArray<Candidate>;
  readonly pricing: PricingOptions;
}): void {
  const strict = budgets.find(({ unknown }) => unknown === undefined);
  // What no list can tell has a price of the user's, or none.
  if (strict === undefined || catalog !== false) return;
  for (const { name, model, price } of candidates) {
    const { provider, modelId } = model;
    // A composite is counted by its own candidates, and of a model that is not made yet nothing is known.
    if (provider === 'composite' || provider === notMade) continue;
    if (price !== undefined || findUserPrice({ prices, provider, modelIds: [modelId] }) !== undefined)
      continue;
    refuse({
      path: ['budgets'],
      value: strict.name,
      problem: `cannot count ${name}, which has no price: give the candidate a price, add it to prices, or set the budget's unknownUsd`,
    });
  }
}
