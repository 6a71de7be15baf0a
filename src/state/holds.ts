import type {
  Answer,
  HoldAnswer,
  HoldRequest,
  Renewal,
  ScopeWindow,
  Settlement,
  Standing,
  StateStore,
} from './store.ts';
import { isPromise, type Reply, type StoreLink } from './store-link.ts';

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

/** Settlements that wait for the store to come back at most; the oldest ones are forgotten beyond, their holds count in full. */
const mostOwed = 10_000;

/** A hold that was not answered in time, or not at all: it may have arrived, or may yet. */
type Doubt = { readonly request: HoldRequest; isUnderWay: boolean; isBooked: boolean };

/** Makes the holds of a composite over its store. */
export function createHolds({
  store,
  link,
  timeoutMs,
}: {
  readonly store: StateStore;
  readonly link: StoreLink;
  /** How long a hold is waited for. */
  readonly timeoutMs: number;
}): Holds & {
  /** Books what could not be settled while the store was away. */
  readonly catchUp: () => void;
} {
  const doubts = new Map<string, Doubt>();
  /** Settlements that the store has not got yet, by id. */
  const owed = new Map<string, Settlement>();
  const ask = <VALUE>({
    work,
    insists = false,
  }: {
    readonly work: () => Answer<VALUE>;
    readonly insists?: boolean;
  }) => link.ask({ work, limitMs: timeoutMs, insists });

  const owe = (settlement: Settlement): void => {
    owed.set(settlement.id, settlement);
    if (owed.size <= mostOwed) return;
    const [first] = owed.keys();
    if (first === undefined) return;
    owed.delete(first);
    doubts.delete(first);
  };

  /** What was used is booked in any case: a hold that never arrived is placed first, without a limit. */
  const book = async (settlement: Settlement): Promise<void> => {
    const request = doubts.get(settlement.id)?.request;
    if (request !== undefined && settlement.amounts.some(({ amount }) => amount > 0n))
      await store.hold({ ...request, claims: request.claims.map(({ limit: _, ...claim }) => claim) });
    await store.settle(settlement);
  };

  let isCatchingUp = false;
  const catchUp = async (): Promise<void> => {
    if (isCatchingUp) return;
    isCatchingUp = true;
    for (const [id, settlement] of owed) {
      const reply = await ask({ work: () => book(settlement) });
      if (reply.isAway) break;
      owed.delete(id);
      const doubt = doubts.get(id);
      if (doubt?.isUnderWay) doubt.isBooked = true;
      else doubts.delete(id);
    }
    isCatchingUp = false;
  };

  /** Whether a hold that took too long has arrived after all. If it was booked by then, it would stay for ever. */
  const arrive = ({ doubt, isHeld }: { readonly doubt: Doubt; readonly isHeld: boolean }): void => {
    doubt.isUnderWay = false;
    if (!doubt.isBooked) return;
    doubts.delete(doubt.request.id);
    if (isHeld) void ask({ work: () => store.settle(nothingOf(doubt.request)) });
  };

  return {
    hold: ({ whenAway, ...request }) => {
      const doubt: Doubt = { request, isUnderWay: false, isBooked: false };
      const place = (): Answer<HoldAnswer> => {
        const answer = store.hold(request);
        if (!isPromise(answer)) return answer;
        doubt.isUnderWay = true;
        answer.then(
          ({ outcome }) => arrive({ doubt, isHeld: outcome === 'held' }),
          () => arrive({ doubt, isHeld: false }),
        );
        return answer;
      };
      const toOutcome = (reply: Reply<HoldAnswer>): HoldOutcome => {
        if (!reply.isAway) return reply.value;
        doubts.set(request.id, doubt);
        return { outcome: 'away', error: reply.error };
      };
      const reply = ask({ work: place, insists: whenAway === 'stop' });
      return isPromise(reply) ? reply.then(toOutcome) : toOutcome(reply);
    },
    renew: renewal => {
      void ask({ work: () => store.renew(renewal) });
    },
    settle: settlement => {
      if (doubts.has(settlement.id)) {
        owe(settlement);
        void catchUp();
        return undefined;
      }
      const toStandings = (reply: Reply<ReadonlyArray<Standing>>) => {
        if (!reply.isAway) return reply.value;
        owe(settlement);
        return undefined;
      };
      const reply = ask({ work: () => store.settle(settlement) });
      return isPromise(reply) ? reply.then(toStandings) : toStandings(reply);
    },
    standings: scopes => {
      const toStandings = (reply: Reply<ReadonlyArray<Standing>>) => (reply.isAway ? undefined : reply.value);
      const reply = ask({ work: () => store.standings(scopes) });
      return isPromise(reply) ? reply.then(toStandings) : toStandings(reply);
    },
    catchUp: () => {
      void catchUp();
    },
  };
}

function nothingOf({ id, claims }: HoldRequest): Settlement {
  return { id, amounts: claims.map(claim => ({ ...windowOf(claim), amount: 0n })) };
}

function windowOf({ scope, slidingMs }: ScopeWindow): ScopeWindow {
  return { scope, ...(slidingMs !== undefined && { slidingMs }) };
}
