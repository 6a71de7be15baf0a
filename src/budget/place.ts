import type { Answer } from '../state/store.ts';
import { ask, fullRates } from './ask.ts';
import { costOf, type Demand, usualLongest } from './demand.ts';
import type { Asked, Hold, HoldState, MoneyClaim, RateClaim, Stand } from './hold.ts';
import type { BudgetScope } from './scope.ts';
import { settleHold } from './settle.ts';
import { whenThere } from './when-there.ts';

/** A request that wants to be made. */
export type HoldRequest = {
  readonly scopes: ReadonlyArray<BudgetScope>;
  readonly rates: ReadonlyArray<RateClaim>;
  /** What it may cost; undefined where no price is known. */
  readonly demand: Demand | undefined;
  readonly state: HoldState;
  readonly whenAway: 'stop' | 'allow';
  /** Makes ids that are unique for ever. */
  readonly makeId: () => string;
};

/** Whether a request may be made. */
export type Placement =
  | {
      readonly type: 'held';
      readonly hold: Hold;
      readonly stands: ReadonlyArray<Stand | undefined>;
      /** Where its answer was made shorter, how long it may be, and which budget wanted that. */
      readonly clamp: { readonly outputTokens: number; readonly scope: BudgetScope } | undefined;
    }
  | { readonly type: 'refused'; readonly refusal: Refusal }
  | {
      readonly type: 'full';
      readonly claim: RateClaim;
      /** When there is room again; undefined where nobody knows. */
      readonly retryAfterMs: number | undefined;
    };

/** Why a budget does not let a request through. */
export type Refusal = {
  readonly why: 'exceeded' | 'unpriced' | 'away';
  readonly scope: BudgetScope;
  readonly stand: Stand | undefined;
  /** What it would have taken; undefined where no price is known. */
  readonly needed: bigint | undefined;
};

/** How the answer may be made shorter on the way. */
type Wanted = {
  readonly outputTokens: number;
  /** Left open how long, and more than half of what is left. */
  readonly isOpen: boolean;
  readonly scope: BudgetScope | undefined;
};

/** Others may take the room between being told of it and asking for it; so often it is tried again. */
const mostRounds = 5;

/** Holds what a request may cost at most, with a shorter answer where only that fits. */
export function placeHold(request: HoldRequest): Answer<Placement> {
  const { scopes, demand } = request;
  const unpriced = demand === undefined && scopes.find(({ budget }) => budget.unknown === undefined);
  if (unpriced)
    return {
      type: 'refused',
      refusal: { why: 'unpriced', scope: unpriced, stand: undefined, needed: undefined },
    };
  const outputTokens = demand?.longest ?? 0;
  const isOpen = demand !== undefined && !demand.isChosen && outputTokens > usualLongest;
  return tryOnce({ request, round: 1, wanted: { outputTokens, isOpen, scope: undefined } });
}

type Round = { readonly request: HoldRequest; readonly round: number; readonly wanted: Wanted };

function tryOnce({ request, round, wanted }: Round): Answer<Placement> {
  const { scopes, rates, demand, state, whenAway, makeId } = request;
  const money = scopes.map(
    (scope): MoneyClaim => ({
      scope,
      amount: demand === undefined ? (scope.budget.unknown ?? 0n) : costOf({ demand, ...wanted }),
    }),
  );
  const hold: Hold = { id: makeId(), money, rates };
  const spare = ({ scope, amount }: MoneyClaim) =>
    wanted.isOpen && scope.budget.onExceed === 'clamp' ? amount : 0n;
  return whenThere({
    answer: ask({ hold, spare, state, whenAway }),
    next: asked => afterAsking({ request, round, wanted, hold, asked }),
  });
}

function afterAsking({
  request,
  round,
  wanted,
  hold,
  asked,
}: Round & { readonly hold: Hold; readonly asked: Asked }): Answer<Placement> {
  const { outputTokens, scope } = wanted;
  if (asked.outcome === 'held')
    return {
      type: 'held',
      hold,
      stands: asked.money,
      clamp: scope === undefined ? undefined : { outputTokens, scope },
    };
  if (asked.outcome === 'away') return away({ request, hold });

  const rooms = roomsOf({ money: hold.money, stands: asked.money });
  const rigid = rooms.find(
    ({ claim, room }) => claim.amount > room && claim.scope.budget.onExceed !== 'clamp',
  );
  if (rigid !== undefined) return exceeded({ room: rigid, needed: rigid.claim.amount });
  const [full] = fullRates({ rates: hold.rates, stands: asked.rates });
  if (full !== undefined) return { type: 'full', ...full };
  const shorter = shorten({ demand: request.demand, wanted, rooms });
  if (shorter.type === 'exceeded') return exceeded(shorter);
  // By what was told it should fit: another hold was there for a moment.
  if (round < mostRounds) return tryOnce({ request, round: round + 1, wanted: shorter.wanted });
  return contended({ hold, rooms });
}

/** What is left in a budget that is known to stand somewhere. */
type Room = { readonly claim: MoneyClaim; readonly stand: Stand; readonly room: bigint };

function roomsOf({
  money,
  stands,
}: {
  readonly money: ReadonlyArray<MoneyClaim>;
  readonly stands: ReadonlyArray<Stand | undefined>;
}): ReadonlyArray<Room> {
  return money.flatMap((claim, index) => {
    const stand = stands[index];
    return stand === undefined ? [] : [{ claim, stand, room: claim.scope.budget.limit - stand.used }];
  });
}

type Shorter =
  | { readonly type: 'fits'; readonly wanted: Wanted }
  | { readonly type: 'exceeded'; readonly room: Room; readonly needed: bigint | undefined };

/** Finds how long an answer fits into what is left. */
function shorten({
  demand,
  wanted,
  rooms,
}: {
  readonly demand: Demand | undefined;
  readonly wanted: Wanted;
  readonly rooms: ReadonlyArray<Room>;
}): Shorter {
  if (demand === undefined) {
    const room = rooms.find(({ claim, room }) => claim.amount > room);
    return room === undefined ? { type: 'fits', wanted } : { type: 'exceeded', room, needed: undefined };
  }
  const { outputTokens, isOpen } = wanted;
  let tokens = isOpen ? Math.min(outputTokens, usualLongest) : outputTokens;
  let tightest: Room | undefined;
  let mostTokens = Number.POSITIVE_INFINITY;
  for (const room of rooms) {
    const own = tokensIn({ demand, room: room.room });
    if (own < mostTokens) [mostTokens, tightest] = [own, room];
  }
  tokens = Math.min(tokens, mostTokens);
  if (tightest !== undefined && tokens < demand.least)
    return { type: 'exceeded', room: tightest, needed: costOf({ demand, outputTokens: demand.least }) };
  const scope = tokens < outputTokens ? tightest?.claim.scope : wanted.scope;
  return { type: 'fits', wanted: { outputTokens: tokens, isOpen: false, scope } };
}

/** How many tokens of an answer can be paid; below 0 where not even the input can. */
function tokensIn({ demand, room }: { readonly demand: Demand; readonly room: bigint }): number {
  const left = room - demand.input;
  if (left < 0n) return -1;
  return demand.perOutputToken === 0n ? Number.POSITIVE_INFINITY : Number(left / demand.perOutputToken);
}

function exceeded({
  room: { claim, stand },
  needed,
}: {
  readonly room: Room;
  readonly needed: bigint | undefined;
}): Placement {
  return { type: 'refused', refusal: { why: 'exceeded', scope: claim.scope, stand, needed } };
}

/** Whoever wanted the same room at the same moment has it. */
function contended({
  hold: { money, rates },
  rooms,
}: {
  readonly hold: Hold;
  readonly rooms: ReadonlyArray<Room>;
}): Placement {
  const [room] = rooms;
  if (room !== undefined) return exceeded({ room, needed: room.claim.amount });
  const [rate] = rates;
  if (rate !== undefined) return { type: 'full', claim: rate, retryAfterMs: undefined };
  throw new Error(`ai-composite: a hold of ${money.length} claims was denied without a reason`);
}

/** The state cannot be asked: the hold may have arrived, so nothing is put in its place. */
function away({ request, hold }: { readonly request: HoldRequest; readonly hold: Hold }): Placement {
  settleHold({ hold, state: request.state, spent: nothing, counted: nothing });
  const [scope] = request.scopes;
  const [rate] = hold.rates;
  if (scope !== undefined)
    return { type: 'refused', refusal: { why: 'away', scope, stand: undefined, needed: undefined } };
  if (rate !== undefined) return { type: 'full', claim: rate, retryAfterMs: undefined };
  throw new Error('ai-composite: nothing was to be held');
}

function nothing(): bigint {
  return 0n;
}
