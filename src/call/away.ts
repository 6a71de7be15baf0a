import type { Plan } from '../route/plan.ts';
import type { ParsedRoute } from '../settings/route-settings.ts';
import { type Away, cheaper, down, slower, unable } from '../state/conversations/away.ts';
import type { Accounts } from './accounts.ts';

/** The letter that goes with the stamp of an answer: why the conversation is not where its route would have it. */
export function awayOf({
  plan: { route, home },
  accounts,
  candidate,
}: {
  readonly plan: Plan<ParsedRoute>;
  readonly accounts: Accounts;
  /** The name of the one that answers. */
  readonly candidate: string;
}): Away {
  if (!route.hasAffinity) return '';
  // A plan that was ready has nothing to say; it asks as listed.
  const name = home === undefined ? route.listed?.[0]?.candidate.name : home.candidate;
  if (candidate === name || name === undefined) return home?.there ?? '';
  const { composite, entries, leftOut } = accounts;
  const refusal = leftOut?.isForMoney(name);
  if (refusal === true) return cheaper;
  const ifUnable = home?.ifUnable ?? unable;
  const entry = entries.findLast(own => own.candidate === name);
  const isOut = entry === undefined ? home?.elsewhere === down : entry.ended?.isHealthSign === true;
  // Where no breaker remembers how it is, it is as with everything else that tells nothing of that.
  if (isOut) return hasBreakers({ composite, route }) ? down : ifUnable;
  if (entry === undefined && refusal === undefined) return home?.elsewhere ?? '';
  const isRunning = entry !== undefined && entry.ended?.outcome !== 'failure';
  return isRunning ? (home?.ifSlower ?? slower) : ifUnable;
}

function hasBreakers({
  composite: {
    state: { breakers },
  },
  route: {
    candidates: [first],
  },
}: Pick<Accounts, 'composite'> & Pick<Plan<ParsedRoute>, 'route'>): boolean {
  return first !== undefined && breakers.memoryOf(first) !== undefined;
}
