import { quietly, settleQuietly, type Within, workWithin } from '../boundary/callback.ts';
import type { CallObservers, CallStartEvent, Observers } from './events.ts';

/** Who observes a call, in the order in which they are told. */
export type Observing = ReadonlyArray<CallObservers>;

/** Tells all of them, whatever one of them does. */
export function tellAll<OBSERVERS>({
  observers,
  tell,
}: {
  readonly observers: ReadonlyArray<OBSERVERS>;
  readonly tell: (own: OBSERVERS) => unknown;
}): void {
  for (const own of observers) quietly(() => settleQuietly(tell(own)));
}

/** True where one of them is told of this. */
export function isTold<OBSERVERS extends object>({
  observers,
  name,
}: {
  readonly observers: ReadonlyArray<OBSERVERS>;
  readonly name: keyof OBSERVERS;
}): boolean {
  for (const own of observers) if (own[name] !== undefined) return true;
  return false;
}

/** The observers of a call that begins: those of the composite, and what they make for this call. */
export function observeCall({
  observers,
  event,
}: {
  readonly observers: ReadonlyArray<Observers>;
  readonly event: CallStartEvent;
}): Observing {
  const made = observers.map(own => quietly(() => own.onCallStart?.(event)));
  return [...observers, ...made.filter(areObservers)];
}

function areObservers(made: unknown): made is CallObservers {
  return !settleQuietly(made) && typeof made === 'object' && made !== null;
}

/** Works inside what the observers have around it; the first of them is the outermost. */
export function workInside<RESULT>({
  observers,
  around,
  work,
}: {
  readonly observers: Observing;
  readonly around: (own: CallObservers) => Within;
  readonly work: () => RESULT;
}): RESULT {
  return observers.reduceRight(
    (inner, own) => () => workWithin({ within: around(own), work: inner }),
    work,
  )();
}
