import { type Away, asked, down } from '../../state/conversations/away.ts';
import { isByWeight, type Order } from '../order/order.ts';
import type { Affinity, Served } from './affinity.ts';
import { afterRefusal, afterReturn, afterTurn, reasonOf } from './homecoming.ts';

/** Where a conversation belongs on its route, and the letters that go with the stamps of this call's answer. */
export type Home = {
  /** The candidate that the route prefers for it; empty where that is none of them, or nobody knows which. */
  readonly candidate: string;
  /** Where that one answers. */
  readonly there: Away;
  /** Where another one answers and that one was not asked. */
  readonly elsewhere: Away;
  /** Where that one was asked and could not take the request. */
  readonly ifUnable: Away;
  /** Where another one, which was asked beside it, answered first. */
  readonly ifSlower: Away;
};

/**
 * True where a route has a lasting preference: the first that is listed, the cheapest, or the one that was drawn. Who is fastest
 * or least busy, or has the best score, changes by the moment, and a function goes by itself.
 */
export function hasHome(order: Order): boolean {
  return order === 'listed' || order === 'cheapest' || isByWeight(order);
}

/** What is known of a call when its letters are chosen. */
type HomeFacts = {
  /** The name of the candidate that the route prefers, whoever is able, allowed or in order. */
  readonly home: string;
  readonly served: Served | undefined;
  readonly affinity: Affinity | undefined;
  readonly isTurnStart: boolean;
  /** What keeps that candidate from being asked in its place. */
  readonly absence: 'not-allowed' | 'unable' | 'down' | undefined;
  /** True where who served before is of another route. */
  readonly isElsewhere: boolean;
};

/** Chooses the letters for the answer of a call, whoever will give it. */
export function homeOf({ home, served, affinity, isTurnStart, absence, isElsewhere }: HomeFacts): Home {
  const known = served?.away ?? '';
  const ifUnable = afterRefusal(known);
  const atNextTurn = isTurnStart ? afterTurn(known) : known;
  const isHome = served?.candidate === home;
  const isAway = served !== undefined && !isHome && !isElsewhere;
  // It is there for a reason that nobody knows, such as an earlier order of the route.
  const isUnknown = isAway && affinity?.decision === 'stayed';
  return {
    candidate: home,
    there: thereOf({ isHome, isElsewhere, known, atNextTurn }),
    elsewhere: isAway && known !== '' ? atNextTurn : isUnknown ? '' : letterOf({ absence, ifUnable }),
    ifUnable,
    ifSlower: afterRefusal(ifUnable),
  };
}

function letterOf({ absence, ifUnable }: Pick<HomeFacts, 'absence'> & Pick<Home, 'ifUnable'>): Away {
  if (absence === 'not-allowed') return asked;
  if (absence === 'unable') return ifUnable;
  return absence === 'down' ? down : '';
}

function thereOf({
  isHome,
  isElsewhere,
  known,
  atNextTurn,
}: {
  readonly isHome: boolean;
  readonly isElsewhere: boolean;
  readonly known: Away;
  readonly atNextTurn: Away;
}): Away {
  // The next turn may be of the task that it had before.
  if (isElsewhere) return asked;
  // Who was made to come here has come home.
  if (isHome) return reasonOf(known) === undefined ? atNextTurn : '';
  return afterReturn(known);
}
