import type { Answer, HoldAnswer, HoldRequest, ScopeWindow, Settlement, StateStore } from '../store.ts';
import { isPromise, type StoreLink } from './store-link.ts';

/** Settlements that wait for the store to come back at most; the oldest ones are forgotten beyond, their holds count in full. */
const mostOwed = 10_000;

/** A hold that was not answered in time, or not at all: it may have arrived, or may yet. */
type Doubt = { readonly request: HoldRequest; isUnderWay: boolean; isBooked: boolean };

/** A settlement that the store has not got, with the hold that has to be placed before. */
type Owed = { readonly settlement: Settlement; toPlace: HoldRequest | undefined; isUnderWay: boolean };

/** Keeps what a store that was away has yet to be told, so that what was used is booked once, whatever arrived of it. */
export type LateHolds = {
  /** A hold on its way: `place` sends it, `doubt` is called where no answer came. */
  readonly placing: (request: HoldRequest) => {
    readonly place: () => Answer<HoldAnswer>;
    readonly doubt: () => void;
  };
  readonly isInDoubt: (id: string) => boolean;
  /** Keeps a settlement until the store has it. */
  readonly owe: (settlement: Settlement) => void;
  readonly owes: () => boolean;
  readonly catchUp: () => void;
};

type Memory = {
  readonly store: StateStore;
  readonly link: StoreLink;
  readonly timeoutMs: number;
  readonly doubts: Map<string, Doubt>;
  readonly owed: Map<string, Owed>;
  isCatchingUp: boolean;
};

/** Makes an empty memory of late holds. */
export function createLateHolds(of: Pick<Memory, 'store' | 'link' | 'timeoutMs'>): LateHolds {
  const memory: Memory = { ...of, doubts: new Map(), owed: new Map(), isCatchingUp: false };
  const { doubts, owed } = memory;
  return {
    placing: request => {
      const doubt: Doubt = { request, isUnderWay: false, isBooked: false };
      return {
        place: () => place({ memory, doubt }),
        doubt: () => {
          doubts.set(request.id, doubt);
        },
      };
    },
    isInDoubt: id => doubts.has(id),
    owe: settlement => owe({ memory, settlement }),
    owes: () => owed.size > 0,
    catchUp: () => {
      void catchUp(memory);
    },
  };
}

type OfDoubt = { readonly memory: Memory; readonly doubt: Doubt };

function place({ memory, doubt }: OfDoubt): Answer<HoldAnswer> {
  const answer = memory.store.hold(doubt.request);
  if (!isPromise(answer)) return answer;
  doubt.isUnderWay = true;
  answer.then(
    ({ outcome }) => arrive({ memory, doubt, isHeld: outcome === 'held' }),
    () => arrive({ memory, doubt, isHeld: false }),
  );
  return answer;
}

/** Whether a hold that took too long has arrived after all. If it was booked by then, it would stay for ever. */
function arrive({ memory, doubt, isHeld }: OfDoubt & { readonly isHeld: boolean }): void {
  doubt.isUnderWay = false;
  if (!doubt.isBooked) return;
  memory.doubts.delete(doubt.request.id);
  if (!isHeld) return;
  owe({ memory, settlement: nothingOf(doubt.request) });
  void catchUp(memory);
}

function owe({
  memory: { doubts, owed },
  settlement,
}: {
  readonly memory: Memory;
  readonly settlement: Settlement;
}): void {
  const { id, amounts } = settlement;
  // Whoever settles twice means the first time.
  if (owed.has(id) || doubts.get(id)?.isBooked) return;
  // What was used is used, whether its hold arrived or not; a hold for nothing need not be made.
  const isUsed = amounts.some(({ amount }) => amount > 0n);
  const toPlace = isUsed ? doubts.get(id)?.request : undefined;
  owed.set(id, { settlement, toPlace, isUnderWay: false });
  if (owed.size <= mostOwed) return;
  const [first] = owed.keys();
  if (first === undefined) return;
  owed.delete(first);
  doubts.delete(first);
}

async function catchUp(memory: Memory): Promise<void> {
  const { link, owed, timeoutMs } = memory;
  if (memory.isCatchingUp) return;
  memory.isCatchingUp = true;
  for (const own of owed.values()) {
    if (own.isUnderWay) continue;
    const work = () => book({ memory, own });
    const reply = await link.ask({ work, limitMs: timeoutMs, observers: undefined });
    if (reply.isAway) break;
  }
  memory.isCatchingUp = false;
}

/**
 * Books what was used. Only one try is under way at a time, also where its answer is not waited for any more: a second one
 * could overtake it.
 */
async function book({
  memory: { store, doubts, owed },
  own,
}: {
  readonly memory: Memory;
  readonly own: Owed;
}): Promise<void> {
  const { id } = own.settlement;
  own.isUnderWay = true;
  try {
    if (own.toPlace !== undefined) await store.hold(withoutLimits(own.toPlace));
    own.toPlace = undefined;
    await store.settle(own.settlement);
    owed.delete(id);
    const doubt = doubts.get(id);
    if (doubt?.isUnderWay) doubt.isBooked = true;
    else doubts.delete(id);
  } finally {
    own.isUnderWay = false;
  }
}

function withoutLimits({ claims, ...request }: HoldRequest): HoldRequest {
  return { ...request, claims: claims.map(({ limit: _, ...claim }) => claim) };
}

function nothingOf({ id, claims }: HoldRequest): Settlement {
  return { id, amounts: claims.map(claim => ({ ...windowOf(claim), amount: 0n })) };
}

/** A scope without what is held in it. */
function windowOf({ scope, slidingMs }: ScopeWindow): ScopeWindow {
  return { scope, ...(slidingMs !== undefined && { slidingMs }) };
}
