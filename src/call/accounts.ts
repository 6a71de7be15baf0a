import { notify } from '../boundary/callback.ts';
import { addCosts, type Cost, type PricedCall, type Pricing } from '../cost/index.ts';
import type { AttemptEnd } from '../fallback/attempt.ts';
import type { AttemptStartEvent, Observers } from '../report/events.ts';
import type { ClassificationReport, CompositeMetadata } from '../report/report.ts';
import type { ClassifierCall } from '../route/task.ts';
import { type AttemptEntry, toEndEvent, toReport } from './attempt-entry.ts';
import { priceClassification } from './classification.ts';

/** The attempts of one call and what they cost; tells the observers of each, in order. */
export type Ledger = {
  readonly entries: ReadonlyArray<AttemptEntry>;
  readonly begin: (attempt: {
    readonly start: AttemptStartEvent;
    readonly priced: PricedCall;
  }) => AttemptEntry;
  readonly settle: (attempt: {
    readonly entry: AttemptEntry;
    readonly end: AttemptEnd;
    readonly endedAtMs: number;
  }) => void;
  /** What is known so far, of the attempts that have ended. */
  readonly balance: () => Pick<CompositeMetadata, 'attempts' | 'classification' | 'cost'>;
  /** Set once a price has to be waited for. */
  readonly pending: () => Promise<void> | undefined;
  /** Runs once, when no attempt is under way any more and all of them are priced. */
  readonly afterLastAttempt: (close: () => void) => void;
};

/** Opens a ledger, with the request to a classifying model on it if one was made. */
export function createLedger({
  asked,
  pricing,
  observers,
  nowMs,
}: {
  readonly asked: ClassifierCall | undefined;
  readonly pricing: Pricing;
  readonly observers: Observers;
  readonly nowMs: number;
}): Ledger {
  const entries: AttemptEntry[] = [];
  let running = 0;
  let closeCall: (() => void) | undefined;
  let classification: ClassificationReport | undefined;
  /** Made anew when an attempt has begun or was priced. */
  let known: ReturnType<Ledger['balance']> | undefined;
  /** Once a price has to be waited for, all comes after it, so that observers see events in their order. */
  let pending: Promise<void> | undefined;
  const inOrder = (step: () => void): void => {
    if (pending === undefined) step();
    else pending = pending.then(step);
  };
  if (asked !== undefined) {
    const priced = priceClassification({ asked, pricing, nowMs });
    if (priced instanceof Promise) {
      pending = priced.then(own => {
        classification = own;
        known = undefined;
      });
    } else classification = priced;
  }

  return {
    entries,
    begin: ({ start, priced }) => {
      const entry: AttemptEntry = { start, meter: pricing.meter(priced) };
      entries.push(entry);
      known = undefined;
      running += 1;
      inOrder(() => notify({ observer: observers.onAttemptStart, event: start }));
      return entry;
    },
    settle: ({ entry, end, endedAtMs }) => {
      entry.end = end;
      entry.endedAtMs = endedAtMs;
      running -= 1;
      const cost = entry.meter.settle({
        outcome: end.outcome,
        ...(end.usage !== undefined && { usage: end.usage }),
        ...(end.providerMetadata !== undefined && { providerMetadata: end.providerMetadata }),
        ...(end.responseModelId !== undefined && { responseModelId: end.responseModelId }),
        ...(end.responseBody !== undefined && { responseBody: end.responseBody }),
        ...(end.responseHeaders !== undefined && { responseHeaders: end.responseHeaders }),
        ...(end.failure !== undefined && { error: end.failure.error }),
      });
      const enter = (own: Cost) => {
        entry.cost = own;
        known = undefined;
        notify({ observer: observers.onAttemptEnd, event: toEndEvent({ entry, end, cost: own }) });
      };
      if (cost instanceof Promise) pending = Promise.all([cost, pending]).then(([own]) => enter(own));
      else inOrder(() => enter(cost));
      if (closeCall !== undefined && running === 0) inOrder(closeCall);
    },
    balance: () => {
      known ??= {
        attempts: entries.flatMap(toReport),
        ...(classification !== undefined && { classification }),
        cost: addCosts(
          classification === undefined
            ? entries.map(({ cost }) => cost)
            : [classification.cost, ...entries.map(({ cost }) => cost)],
        ),
      };
      return known;
    },
    pending: () => pending,
    afterLastAttempt: close => {
      closeCall = close;
      if (running === 0) inOrder(close);
    },
  };
}
