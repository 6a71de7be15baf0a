import type { Clock } from '../boundary/clock.ts';
import { leaseMs } from './ask.ts';
import type { Hold, HoldState } from './hold.ts';

/** Keeps the leases of holds whose requests are under way: one timer for all of them, and none where there is nothing to keep. */
export type Leases = {
  readonly keep: (hold: Hold) => void;
  readonly letGo: (hold: Hold) => void;
};

/** Three chances before a lease is over. */
const renewAfterMs = leaseMs / 3;

/** Makes leases of which none is kept yet. */
export function createLeases({ state, clock }: { readonly state: HoldState; readonly clock: Clock }): Leases {
  const kept = new Set<Hold>();
  let cancel: (() => void) | undefined;
  const renew = () => {
    for (const { id, money, rates } of kept) {
      const scopes = [
        ...money.flatMap(({ scope }) => (scope.purse === undefined ? [scope.scope] : [])),
        ...rates.map(({ scope }) => scope),
      ];
      if (scopes.length > 0) state.renew({ id, scopes, leaseMs });
    }
    start();
  };
  const start = () => {
    cancel = clock.schedule({ delayMs: renewAfterMs, callback: renew, isBackground: true });
  };
  return {
    keep: hold => {
      kept.add(hold);
      if (cancel === undefined) start();
    },
    letGo: hold => {
      kept.delete(hold);
      if (kept.size > 0) return;
      cancel?.();
      cancel = undefined;
    },
  };
}
