import type { Ticket } from '../candidate/ticket.ts';
import type { Cost, Meter } from '../cost/index.ts';
import { addCosts } from '../cost/total/total.ts';
import type { AttemptEnd } from '../fallback/attempt.ts';
import type { CallObservers } from '../report/events.ts';
import { isTold, type Observing, tellAll, workInside } from '../report/observe.ts';
import type { ClassificationReport, CompositeMetadata, RecoveredPart } from '../report/report.ts';
import { affinityAfter } from '../route/affinity/affinity.ts';
import type { Plan } from '../route/plan.ts';
import type { RecoveredCall } from '../state/conversations/interruptions.ts';
import { type AttemptEntry, costOf, endFacts, toEndEvent, toReport, toStartEvent } from './attempt-entry.ts';
import { priceClassification } from './classification.ts';
import type { LeftOut } from './left-out.ts';
import type { Composite } from './open-composite.ts';
import { settleTicket } from './settle-ticket.ts';

/**
 * What one call did and cost: its report and its events are made of it. A report that is made when it is read keeps it, so
 * nothing of the request is in it.
 */
export type Accounts = {
  readonly composite: Composite;
  /** Those of the composite, with those of this call until it has ended. */
  observers: Observing;
  readonly task: string;
  readonly skipped: Plan['skipped'];
  readonly affinity: Plan['affinity'];
  warnings: Plan['warnings'];
  /** The broken call that this one makes up for. */
  readonly recovers: RecoveredCall | undefined;
  /** Who could not be asked for want of money or room; undefined where nothing bounds the call. */
  leftOut: LeftOut | undefined;
  readonly entries: AttemptEntry[];
  /** Attempts under way. */
  running: number;
  /** Made when something shows it. */
  callId: string | undefined;
  /** Set when the caller is told that nobody answered, or went on with an answer that broke off. */
  isExhausted: boolean;
  /** The attempt whose answer is delivered: of a hedge that got two answers, the one that was there first. */
  served: AttemptEntry | undefined;
  /** The attempt whose refusal the call ends with, though another one may have begun after it. */
  refused: AttemptEntry | undefined;
  classification: ClassificationReport | undefined;
  /** Who made which part of an answer that changed hands. */
  parts: ReadonlyArray<RecoveredPart> | undefined;
  /** Once a price has to be waited for, all comes after it, so that observers see events in their order. */
  pending: Promise<void> | undefined;
  /** Runs once, when no attempt is under way any more and all of them are priced. */
  close: (() => void) | undefined;
};

/** Opens the accounts of a call, with the request to a classifying model on them if one was made. */
export function openAccounts({
  composite,
  plan: { task, skipped, affinity, warnings, asked },
  recovers,
}: Pick<Accounts, 'composite' | 'recovers'> & {
  readonly plan: Plan;
}): Accounts {
  const accounts: Accounts = {
    composite,
    observers: composite.observers,
    task,
    skipped,
    affinity,
    warnings,
    recovers,
    leftOut: undefined,
    entries: [],
    running: 0,
    // A function of the user's is asked once a call, whoever looks.
    callId: composite.hasOwnIds ? composite.generateId() : undefined,
    isExhausted: false,
    served: undefined,
    refused: undefined,
    classification: undefined,
    parts: undefined,
    pending: undefined,
    close: undefined,
  };
  if (asked === undefined) return accounts;
  const { pricing, clock } = composite;
  const priced = priceClassification({ asked, pricing, nowMs: clock.now() });
  if (priced instanceof Promise)
    accounts.pending = priced.then(own => {
      accounts.classification = own;
    });
  else accounts.classification = priced;
  return accounts;
}

/** Enters an attempt that is about to send its request. */
export function beginAttempt({
  accounts,
  entry,
}: {
  readonly accounts: Accounts;
  readonly entry: AttemptEntry;
}): void {
  accounts.entries.push(entry);
  accounts.running += 1;
  if (!isTold({ observers: accounts.observers, name: 'onAttemptStart' })) return;
  const event = toStartEvent({ callId: callIdOf(accounts), task: accounts.task, entry });
  inOrder({ accounts, step: () => tell({ accounts, one: own => own.onAttemptStart?.(event) }) });
}

/** Enters an attempt's end and its cost: at once where somebody is told of it, else when it is read. */
export function endAttempt({
  accounts,
  entry,
  meter,
  ticket,
  end,
  endedAtMs,
}: {
  readonly accounts: Accounts;
  readonly entry: AttemptEntry;
  readonly meter: Meter;
  readonly ticket: Ticket | undefined;
  readonly end: AttemptEnd;
  readonly endedAtMs: number;
}): void {
  entry.ended = endFacts({ end, endedAtMs });
  accounts.running -= 1;
  const { observers } = accounts;
  const hasObserver = isTold({ observers, name: 'onAttemptEnd' });
  const { failure } = end;
  const evidence = failure === undefined ? end : { ...end, error: failure.error };
  if (!hasObserver && ticket === undefined && !isTold({ observers, name: 'onCallEnd' })) {
    const cost = meter.settleLater(evidence);
    if (cost instanceof Promise) accounts.pending = enterLater({ accounts, entry, cost });
    else entry.cost = cost;
    return;
  }
  const cost = meter.settle(evidence);
  if (ticket !== undefined) settleTicket({ ticket, cost, end });
  const tellEnd = (own: Cost) => {
    entry.cost = own;
    if (!hasObserver) return;
    const start = toStartEvent({ callId: callIdOf(accounts), task: accounts.task, entry });
    const event = toEndEvent({ entry, start, end, cost: own });
    tell({ accounts, one: observer => observer.onAttemptEnd?.(event) });
  };
  if (cost instanceof Promise)
    accounts.pending = Promise.all([cost, accounts.pending]).then(([own]) => tellEnd(own));
  else inOrder({ accounts, step: () => tellEnd(cost) });
  closeIfDone(accounts);
}

async function enterLater({
  accounts: { pending },
  entry,
  cost,
}: {
  readonly accounts: Accounts;
  readonly entry: AttemptEntry;
  readonly cost: Promise<Cost>;
}): Promise<void> {
  const [own] = await Promise.all([cost, pending]);
  entry.cost = own;
}

/** Tells the observers of the call, in the context that they have for it. */
export function tell({
  accounts: { observers },
  one,
}: {
  readonly accounts: Accounts;
  readonly one: (own: CallObservers) => unknown;
}): void {
  workInside({
    observers: observers.filter(({ executeObserver }) => executeObserver !== undefined),
    around: own => execute => own.executeObserver?.({ execute }),
    work: () => tellAll({ observers, tell: one }),
  });
}

/** Has the call closed once its last attempt has ended: at once, or for a stream when the consumer is through with it. */
export function closeAfterLast({
  accounts,
  close,
}: {
  readonly accounts: Accounts;
  readonly close: () => void;
}): void {
  accounts.close = close;
  closeIfDone(accounts);
}

/** Tells that the call has ended, once no attempt is under way any more. */
export function closeIfDone(accounts: Accounts): void {
  const { running, close } = accounts;
  if (running > 0 || close === undefined) return;
  accounts.close = undefined;
  inOrder({ accounts, step: close });
}

function inOrder({ accounts, step }: { readonly accounts: Accounts; readonly step: () => void }): void {
  if (accounts.pending === undefined) step();
  else accounts.pending = accounts.pending.then(step);
}

/** The call's id, made when it is first asked for. */
export function callIdOf(accounts: Accounts): string {
  accounts.callId ??= accounts.composite.generateId();
  return accounts.callId;
}

/** What the call has cost so far, by the attempts that have ended. */
export function totalOf({ entries, classification }: Accounts): CompositeMetadata['cost'] {
  const costs = entries.map(costOf);
  return addCosts(classification === undefined ? costs : [classification.cost, ...costs]);
}

/** The report of a call as it stands, answered by this attempt or by none. */
export function reportOf({
  accounts,
  serving,
}: {
  readonly accounts: Accounts;
  readonly serving: AttemptEntry | undefined;
}): CompositeMetadata {
  const { task, entries, skipped, leftOut, warnings, classification, recovers, parts } = accounts;
  const affinity = affinityAfter({ affinity: accounts.affinity, candidate: serving?.candidate });
  return {
    callId: callIdOf(accounts),
    task,
    candidate: serving?.candidate ?? '',
    attempts: entries.flatMap(entry => toReport(entry) ?? []),
    ...(parts !== undefined && { recovered: { offset: parts.at(-1)?.offset ?? 0, parts } }),
    skipped: leftOut === undefined ? skipped : [...skipped, ...leftOut.skipped()],
    ...(affinity !== undefined && { affinity }),
    ...(warnings.length > 0 && { warnings }),
    ...(classification !== undefined && { classification }),
    ...(recovers !== undefined && { recovers }),
    cost: totalOf(accounts),
  };
}
