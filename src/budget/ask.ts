import type { Answer, Claim } from '../state/store.ts';
import type { Asked, Hold, HoldState, MoneyClaim, RateClaim, Stand } from './hold.ts';
import { settlePurses, takeFromPurses } from './hold.ts';
import { whenThere } from './when-there.ts';

/** A hold is lost so long after its process is: it counts as spent then. */
export const leaseMs = 60_000;

/** Asks for a hold: of the purses of the call first, then of the store in one step. All of it is held, or nothing. */
export function ask({
  hold,
  spare,
  state,
  whenAway,
}: {
  readonly hold: Hold;
  /** What must be left besides. */
  readonly spare: (claim: MoneyClaim) => bigint;
  readonly state: HoldState;
  readonly whenAway: 'stop' | 'allow';
}): Answer<Asked> {
  const { id, money, rates } = hold;
  if (!takeFromPurses({ money, spare }))
    return { outcome: 'denied', money: money.map(purseStand), rates: rates.map(() => undefined) };
  const shared = money.filter(({ scope }) => scope.purse === undefined);
  const claims = [
    ...shared.map(claim => toClaim({ claim, spare })),
    ...rates.map(({ unit: _, ...claim }): Claim => claim),
  ];
  if (claims.length === 0) return { outcome: 'held', money: money.map(purseStand), rates: [] };
  return whenThere({
    answer: state.hold({ id, claims, leaseMs, whenAway }),
    next: (answer): Asked => {
      if (answer.outcome !== 'held' && !(answer.outcome === 'away' && whenAway === 'allow'))
        settlePurses({ money, spent: () => 0n });
      if (answer.outcome === 'away')
        return { outcome: whenAway === 'allow' ? 'held' : 'away', ...unknown(hold) };
      const { standings } = answer;
      return {
        outcome: answer.outcome,
        money: money.map(claim => purseStand(claim) ?? standings[shared.indexOf(claim)]),
        rates: rates.map((_claim, index) => standings[shared.length + index]),
      };
    },
  });
}

/** Counts what was spent without having been held, whatever is left; nothing of it stays held. */
export function bookHold({ hold, state }: { readonly hold: Hold; readonly state: HoldState }): void {
  const { id, money } = hold;
  for (const { scope, amount } of money) if (scope.purse !== undefined) scope.purse.used += amount;
  const claims = money.flatMap(({ scope: { purse, scope, keepMs }, amount }) =>
    purse === undefined ? [{ scope, amount, keepMs }] : [],
  );
  if (claims.length === 0) return;
  whenThere({
    answer: state.hold({ id, claims, leaseMs, whenAway: 'allow' }),
    next: () => state.settle({ id, amounts: claims.map(({ scope, amount }) => ({ scope, amount })) }),
  });
}

function unknown({ money, rates }: Hold): {
  readonly money: ReadonlyArray<Stand | undefined>;
  readonly rates: ReadonlyArray<undefined>;
} {
  return { money: money.map(purseStand), rates: rates.map(() => undefined) };
}

function toClaim({
  claim,
  spare,
}: {
  readonly claim: MoneyClaim;
  readonly spare: (claim: MoneyClaim) => bigint;
}): Claim {
  const { scope, amount } = claim;
  const { budget, keepMs } = scope;
  const limit = budget.limit - spare(claim);
  return { scope: scope.scope, amount, limit: limit > 0n ? limit : 0n, keepMs };
}

function purseStand({ scope: { purse } }: MoneyClaim): Stand | undefined {
  return purse === undefined ? undefined : { used: purse.used, held: purse.held };
}

/** The claims of a rate limit that would not fit. */
export function fullRates({
  rates,
  stands,
}: {
  readonly rates: ReadonlyArray<RateClaim>;
  readonly stands: ReadonlyArray<Stand | undefined>;
}): ReadonlyArray<{ readonly claim: RateClaim; readonly retryAfterMs: number | undefined }> {
  return rates.flatMap((claim, index) => {
    const stand = stands[index];
    if (stand === undefined || stand.used + claim.amount <= claim.limit) return [];
    return [{ claim, retryAfterMs: stand.retryAfterMs }];
  });
}
