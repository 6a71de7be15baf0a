import type { Answer } from '../state/store.ts';
import {
  type Hold,
  type HoldState,
  type MoneyClaim,
  type RateClaim,
  type Stand,
  settlePurses,
} from './hold.ts';
import { whenThere } from './when-there.ts';

/** What a request really took of a budget, and where that stands now; undefined while the state is away. */
export type Spent = {
  readonly claim: MoneyClaim;
  readonly amount: bigint;
  readonly stand: Stand | undefined;
};

/** Puts what a request really took in the place of its hold. Settling a hold twice is settling it once. */
export function settleHold({
  hold: { id, money, rates },
  state,
  spent,
  counted,
}: {
  readonly hold: Hold;
  readonly state: HoldState;
  readonly spent: (claim: MoneyClaim) => bigint;
  /** What it took of a rate limit. */
  readonly counted: (claim: RateClaim) => bigint;
}): Answer<ReadonlyArray<Spent>> {
  settlePurses({ money, spent });
  const shared = money.filter(({ scope }) => scope.purse === undefined);
  const amounts = [
    ...shared.map(claim => ({ scope: claim.scope.scope, amount: spent(claim) })),
    ...rates.map(claim => ({ scope: claim.scope, slidingMs: claim.slidingMs, amount: counted(claim) })),
  ];
  const toSpent = (stands: ReadonlyArray<Stand> | undefined): ReadonlyArray<Spent> =>
    money.map(claim => ({
      claim,
      amount: spent(claim),
      stand: claim.scope.purse ?? stands?.[shared.indexOf(claim)],
    }));
  if (amounts.length === 0) return toSpent(undefined);
  return whenThere({ answer: state.settle({ id, amounts }), next: toSpent });
}
