import type { Clock } from '../boundary/clock.ts';
import type { Answer } from '../state/store.ts';
import { bookHold } from './ask.ts';
import type { Budget, BudgetRequest } from './budget.ts';
import type { Demand } from './demand.ts';
import type { Hold, HoldState, MoneyClaim, RateClaim } from './hold.ts';
import { createLeases } from './leases.ts';
import { type Placement, placeHold } from './place.ts';
import type { Purse } from './purse.ts';
import { type BudgetOwner, type BudgetScope, ownersOf, scopeOf } from './scope.ts';
import { type Spent, settleHold } from './settle.ts';
import { createSeenKeys, everyOwner, type ScopeStanding, standingsOf } from './standings.ts';
import { createToldLimits, type ToldLimits } from './told-limits.ts';
import { createWarnings, type DueWarning } from './warnings.ts';
import { whenThere } from './when-there.ts';

/** What calls may still spend or ask: the budgets and rate limits of a composite. */
export type Budgets = {
  readonly budgets: ReadonlyArray<Budget>;
  /** What providers have said of what may still be asked. */
  readonly told: ToldLimits;
  /** Finds whose budgets a call counts for; the same for all of its requests. */
  readonly ownersOf: (call: {
    readonly request: BudgetRequest;
    readonly purses: Map<string, Purse>;
  }) => ReadonlyArray<BudgetOwner>;
  /** Holds what a request may cost at most. What is held is settled once, or released. */
  readonly place: (request: {
    readonly owners: ReadonlyArray<BudgetOwner>;
    readonly rates: ReadonlyArray<RateClaim>;
    readonly demand: Demand | undefined;
    /** Renewed until it is settled; left out where nobody may settle it: it counts as spent after a while then. */
    readonly isKept: boolean;
  }) => Answer<Placement>;
  /** Settles a hold with what was spent: the same for every budget; undefined where nobody knows, which spends what was held. */
  readonly settle: (ended: {
    readonly hold: Hold;
    readonly spent: bigint | undefined;
    readonly tokens: number | undefined;
  }) => void;
  /** Counts as spent what was not held for, whatever is left. */
  readonly book: (spent: { readonly owners: ReadonlyArray<BudgetOwner>; readonly spent: bigint }) => void;
  /** Gives a hold back whose request was never sent. */
  readonly release: (hold: Hold) => void;
  /** Where budgets stand; left out: those that all share, and every key that was seen in this process. */
  readonly standings: (owners?: ReadonlyArray<BudgetOwner>) => Answer<ReadonlyArray<ScopeStanding>>;
};

type Ended = {
  readonly hold: Hold;
  readonly spent: (claim: MoneyClaim) => bigint;
  readonly counted: (claim: RateClaim) => bigint;
};

/** Makes budgets over a state. */
export function createBudgets({
  budgets,
  state,
  clock,
  whenAway,
  onWarning,
}: {
  readonly budgets: ReadonlyArray<Budget>;
  readonly state: HoldState;
  readonly clock: Clock;
  readonly whenAway: 'stop' | 'allow';
  readonly onWarning: ((warning: DueWarning) => void) | undefined;
}): Budgets {
  const leases = createLeases({ state, clock });
  const warnings = onWarning === undefined ? undefined : createWarnings({ onWarning });
  const seen = createSeenKeys();
  const told = createToldLimits();
  const end = ({ hold, ...amounts }: Ended): void => {
    leases.letGo(hold);
    const settled = settleHold({ hold, state, ...amounts });
    if (warnings === undefined) return;
    whenThere({
      answer: settled,
      next: (all: ReadonlyArray<Spent>) => {
        for (const own of all) warnings.afterSettling(own);
      },
    });
  };

  return {
    budgets,
    told,
    ownersOf: call => ownersOf({ budgets, ...call }),
    place: ({ owners, rates, demand, isKept }) => {
      const nowMs = clock.now();
      const scopes = owners.map((owner): BudgetScope => scopeOf({ ...owner, nowMs }));
      for (const scope of scopes) seen.add(scope);
      // A rate limit alone is a courtesy: the provider keeps its own.
      const whenAlone = scopes.length === 0 ? 'allow' : whenAway;
      return whenThere({
        answer: placeHold({ scopes, rates, demand, state, whenAway: whenAlone, makeId }),
        next: (placement): Placement => {
          if (placement.type === 'held' && isKept) leases.keep(placement.hold);
          return placement;
        },
      });
    },
    settle: ({ hold, spent, tokens }) =>
      end({
        hold,
        spent: claim => spent ?? claim.amount,
        counted: ({ unit, amount }) => (unit === 'tokens' && tokens !== undefined ? BigInt(tokens) : amount),
      }),
    book: ({ owners, spent }) => {
      const nowMs = clock.now();
      const money = owners.map(
        (owner): MoneyClaim => ({ scope: scopeOf({ ...owner, nowMs }), amount: spent }),
      );
      bookHold({ hold: { id: makeId(), money, rates: [] }, state });
    },
    release: hold => end({ hold, spent: nothing, counted: nothing }),
    standings: (owners = everyOwner({ budgets, seen })) => standingsOf({ owners, state, nowMs: clock.now() }),
  };
}

function makeId(): string {
  return crypto.randomUUID();
}

function nothing(): bigint {
  return 0n;
}
