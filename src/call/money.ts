import type { Budgets } from '../budget/budgets.ts';
import type { Demand } from '../budget/demand.ts';
import type { RateClaim } from '../budget/hold.ts';
import type { Placement } from '../budget/place.ts';
import type { BudgetOwner, BudgetScope } from '../budget/scope.ts';
import { whenThere } from '../budget/when-there.ts';
import type { Answer } from '../state/store.ts';

/** What one request holds, until it is settled or released, once. */
export type Pass = {
  /** With what it cost, undefined where nobody knows, and the tokens that were counted. */
  readonly settle: (ended: {
    readonly spent: bigint | undefined;
    readonly tokens: number | undefined;
  }) => void;
  readonly release: () => void;
};

/** Whether there is money and room for a request, in every budget that counts it. */
export type Paid =
  | {
      readonly type: 'held';
      readonly pass: Pass;
      readonly clamp: { readonly outputTokens: number; readonly scope: BudgetScope } | undefined;
    }
  | Exclude<Placement, { readonly type: 'held' }>
  /** The provider has said so. */
  | { readonly type: 'told'; readonly retryAfterMs: number };

/** Holds what a request may cost at most. */
export type Pay = (request: {
  readonly demand: Demand | undefined;
  readonly rates: ReadonlyArray<RateClaim>;
}) => Answer<Paid>;

/** Pays out of budgets. */
export function payFrom({
  budgets,
  owners,
  isKept,
}: {
  readonly budgets: Budgets;
  readonly owners: () => ReadonlyArray<BudgetOwner>;
  /** The hold is renewed until it is settled. */
  readonly isKept: boolean;
}): Pay {
  return ({ demand, rates }) => {
    const own = owners();
    if (own.length === 0 && rates.length === 0) return free;
    return whenThere({
      answer: budgets.place({ owners: own, rates, demand, isKept }),
      next: (placement): Paid => {
        if (placement.type !== 'held') return placement;
        const { hold, clamp } = placement;
        return {
          type: 'held',
          clamp,
          pass: {
            settle: ended => budgets.settle({ hold, ...ended }),
            release: () => budgets.release(hold),
          },
        };
      },
    });
  };
}

/** Pays out of budgets, and out of those of the composite that this one is a candidate of. */
export function payBoth({ own, outer }: { readonly own: Pay; readonly outer: Pay }): Pay {
  return request =>
    whenThere({
      answer: own(request),
      next: (first): Answer<Paid> => {
        if (first.type !== 'held') return first;
        const { demand } = request;
        const rest = { rates: [], demand: demand && shortened({ demand, clamp: first.clamp }) };
        return whenThere({
          answer: outer(rest),
          next: (second): Paid => {
            if (second.type === 'held')
              return {
                type: 'held',
                pass: both(first.pass, second.pass),
                clamp: second.clamp ?? first.clamp,
              };
            first.pass.release();
            return second;
          },
        });
      },
    });
}

function shortened({
  demand,
  clamp,
}: {
  readonly demand: Demand;
  readonly clamp: { readonly outputTokens: number } | undefined;
}): Demand {
  return clamp === undefined ? demand : { ...demand, longest: clamp.outputTokens, isChosen: true };
}

function both(one: Pass, other: Pass): Pass {
  return {
    settle: ended => {
      one.settle(ended);
      other.settle(ended);
    },
    release: () => {
      one.release();
      other.release();
    },
  };
}

const free: Paid = { type: 'held', clamp: undefined, pass: { settle: ignore, release: ignore } };

function ignore(): void {}
