import { type Away, asked, cheaper, down } from '../../state/conversations/away.ts';

/**
 * Why a conversation had left the candidate that its route prefers.
 *
 * - `down`: it was out of order, or broke an answer off.
 * - `unable`: it could not take a request: it was declared unable, refused it, had no room under its rate limit, or another one
 *   that was asked beside it answered first.
 * - `cheaper`: a budget had no room for it.
 * - `asked`: the call asked for somebody else: by `candidate`, `only`, `exclude`, `enabled`, or another task.
 */
export type AwayReason = 'down' | 'unable' | 'cheaper' | 'asked';

/** How often a conversation that comes back has to leave again until it waits no longer. */
const mostTimes = 3;
/** The letters of `unable`, by how often it had to leave again and the turns it still waits: 0, then 1 0, then 3 2 1 0, then 7 to 0. */
const unableLetters = '0123456789ABCDE';
/** The letters of a conversation that has come back from `unable`, by how often it had to leave. */
const backLetters = 'wxyz';

/** The reason that a letter stands for; undefined for one that says nothing, or that a later version may have written. */
export function reasonOf(away: Away): AwayReason | undefined {
  if (away === down) return 'down';
  if (away === cheaper) return 'cheaper';
  if (away === asked) return 'asked';
  return isUnable(away) ? 'unable' : undefined;
}

/** True where it may come back at this turn, as far as its own letter tells. */
export function isDue(away: Away): boolean {
  return !isUnable(away) || turnsOf(away) === 0;
}

/** The letter after one more turn in the same place. */
export function afterTurn(away: Away): Away {
  if (isUnable(away)) return unableFor({ times: timesOf(away), turns: Math.max(0, turnsOf(away) - 1) });
  const times = backLetters.indexOf(away);
  return away === '' || times < 0 ? away : (backLetters[times - 1] ?? '');
}

/** The letter where it has come back: who comes back from `unable` and has to leave again waits for twice as many turns. */
export function afterReturn(away: Away): Away {
  return isUnable(away) ? (backLetters[timesOf(away)] ?? '') : '';
}

/** The letter where it has to leave because the preferred one cannot take a request. */
export function afterRefusal(away: Away): Away {
  const before = isUnable(away) ? timesOf(away) : away === '' ? -1 : backLetters.indexOf(away);
  const times = Math.min(before + 1, mostTimes);
  return unableFor({ times, turns: 2 ** times - 1 });
}

function isUnable(away: Away): boolean {
  return away !== '' && unableLetters.includes(away);
}

function unableFor({ times, turns }: { readonly times: number; readonly turns: number }): Away {
  return unableLetters[2 ** times - 1 + turns] ?? '';
}

function timesOf(away: Away): number {
  return Math.floor(Math.log2(unableLetters.indexOf(away) + 1));
}

function turnsOf(away: Away): number {
  return unableLetters.indexOf(away) + 1 - 2 ** timesOf(away);
}
