import type { Holds } from '../state/shared/holds.ts';
import type { Claim, Standing } from '../state/store.ts';
import type { Purse } from './purse.ts';
import type { BudgetScope } from './scope.ts';

/** An amount in a scope of its own unit that is held beside money: requests, or tokens, of a rate limit. */
export type RateClaim = Claim & {
  readonly slidingMs: number;
  readonly limit: bigint;
  /** What is counted. */
  readonly unit: 'requests' | 'tokens';
};

/** Money for one budget. */
export type MoneyClaim = { readonly scope: BudgetScope; readonly amount: bigint };

/** What one request holds, until it is settled once. */
export type Hold = {
  readonly id: string;
  readonly money: ReadonlyArray<MoneyClaim>;
  readonly rates: ReadonlyArray<RateClaim>;
};

/** Where a scope stands. */
export type Stand = Pick<Standing, 'used' | 'held' | 'retryAfterMs'>;

/** What became of asking for a hold, with where its scopes stand: money first, then rates. */
export type Asked =
  | {
      readonly outcome: 'held' | 'denied';
      readonly money: ReadonlyArray<Stand | undefined>;
      readonly rates: ReadonlyArray<Stand | undefined>;
    }
  | { readonly outcome: 'away' };

/** The state as holds need it. */
export type HoldState = Pick<Holds, 'hold' | 'renew' | 'settle' | 'standings'>;

/** Takes money out of the purses of a call, from all or from none. */
export function takeFromPurses({
  money,
  spare,
}: {
  readonly money: ReadonlyArray<MoneyClaim>;
  /** What must be left besides. */
  readonly spare: (claim: MoneyClaim) => bigint;
}): boolean {
  const own = money.filter(({ scope }) => scope.purse !== undefined);
  const fits = own.every(
    claim => (claim.scope.purse?.used ?? 0n) + claim.amount + spare(claim) <= claim.scope.budget.limit,
  );
  if (fits) for (const { scope, amount } of own) put({ purse: scope.purse, used: amount, held: amount });
  return fits;
}

/** Puts what was really spent in the place of what was taken. */
export function settlePurses({
  money,
  spent,
}: {
  readonly money: ReadonlyArray<MoneyClaim>;
  readonly spent: (claim: MoneyClaim) => bigint;
}): void {
  for (const claim of money)
    put({ purse: claim.scope.purse, used: spent(claim) - claim.amount, held: -claim.amount });
}

function put({ purse, used, held }: { readonly purse: Purse | undefined } & Purse): void {
  if (purse === undefined) return;
  purse.used += used;
  purse.held += held;
}
