import type {
  Answer,
  HoldAnswer,
  HoldRequest,
  Renewal,
  ScopeWindow,
  Settlement,
  Standing,
  StateStore,
} from '../store.ts';
import { createLateHolds } from './late-holds.ts';
import { type OutageObservers, type Question, type StoreLink, whenAnswered } from './store-link.ts';

/** Amounts that calls hold and settle, in whatever store the composite has. Nothing here throws or rejects. */
export type Holds = {
  /**
   * Places a hold. `away`: the store cannot be reached or did not answer in time. Whoever goes on all the same settles as usual,
   * and it is booked once the store is back; whoever does not settles with 0, since the hold may have arrived.
   *
   * Everything but `denied` is settled, once.
   */
  readonly hold: (request: HoldRequest & { readonly whenAway: 'stop' | 'allow' }) => Answer<HoldOutcome>;
  /** Lengthens leases; nobody waits for it. */
  readonly renew: (renewal: Renewal) => void;
  /** Settles, now or when the store is back. Answers where the scopes stand, or undefined while it is away. */
  readonly settle: (settlement: Settlement) => Answer<ReadonlyArray<Standing> | undefined>;
  /** Reads where scopes stand; undefined while the store is away. */
  readonly standings: (scopes: ReadonlyArray<ScopeWindow>) => Answer<ReadonlyArray<Standing> | undefined>;
};

/** What became of a hold. */
export type HoldOutcome = HoldAnswer | { readonly outcome: 'away'; readonly error: unknown };

/** The holds of a store, which several composites may use. */
export type StoreHolds = {
  /** Those of one composite, which is told of an outage that it notices. */
  readonly of: (observers: OutageObservers | undefined) => Holds;
  /** Books what could not be settled while the store was away. */
  readonly catchUp: () => void;
  /** True while something waits to be booked. */
  readonly owes: () => boolean;
};

/** Makes the holds of a store. */
export function createHolds({
  store,
  link,
  timeoutMs,
}: {
  readonly store: StateStore;
  readonly link: StoreLink;
  /** How long a hold is waited for. */
  readonly timeoutMs: number;
}): StoreHolds {
  const late = createLateHolds({ store, link, timeoutMs });
  return {
    catchUp: late.catchUp,
    owes: late.owes,
    of: observers => {
      const ask = <VALUE>(question: Pick<Question<VALUE>, 'work' | 'insists'>) =>
        link.ask({ ...question, limitMs: timeoutMs, observers });
      return {
        hold: ({ whenAway, ...request }) => {
          const { place, doubt } = late.placing(request);
          return whenAnswered({
            answer: ask({ work: place, insists: whenAway === 'stop' }),
            next: (reply): HoldOutcome => {
              if (!reply.isAway) return reply.value;
              doubt();
              return { outcome: 'away', error: reply.error };
            },
          });
        },
        renew: renewal => {
          void ask({ work: () => store.renew(renewal) });
        },
        settle: settlement => {
          if (late.isInDoubt(settlement.id)) {
            late.owe(settlement);
            late.catchUp();
            return undefined;
          }
          return whenAnswered({
            answer: ask({ work: () => store.settle(settlement) }),
            next: reply => {
              if (!reply.isAway) return reply.value;
              late.owe(settlement);
              return undefined;
            },
          });
        },
        standings: scopes =>
          whenAnswered({
            answer: ask({ work: () => store.standings(scopes) }),
            next: reply => (reply.isAway ? undefined : reply.value),
          }),
      };
    },
  };
}
