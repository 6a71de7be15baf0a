import type { LanguageModelV4GenerateResult, SharedV4Warning } from '@ai-sdk/provider';
import { pricedCall, withSession } from '../candidate/candidate.ts';
import type { Admit } from '../fallback/admission.ts';
import type { Call } from '../fallback/attempt.ts';
import { isTold, observeCall } from '../report/observe.ts';
import { withReport } from '../report/report.ts';
import type { Plan } from '../route/plan.ts';
import type { ParsedRoute } from '../settings/route-settings.ts';
import { type Accounts, callIdOf, openAccounts, reportOf } from './accounts.ts';
import type { AttemptEntry } from './attempt-entry.ts';
import { recordAttempt } from './attempt-record.ts';
import { continuingBy } from './continuing.ts';
import { exhaust } from './exhaust.ts';
import { learnedLimits } from './learned-limits.ts';
import type { LeftOut } from './left-out.ts';
import type { Composite } from './open-composite.ts';
import { planner } from './planner-chunk.ts';
import { rememberServing } from './remember-serving.ts';
import type { CompositeRequest } from './request.ts';
import { isBounded, lazyAdmit, loadSpending } from './spending-chunk.ts';

/** A call under way: what was asked, the plan, its accounts, and what the loop needs. Everything dies with the call. */
export type OpenCall = {
  readonly composite: Composite;
  readonly request: CompositeRequest;
  readonly plan: Plan<ParsedRoute>;
  /** When the caller came; finding the task and the prices may have taken a while since. */
  readonly startedAtMs: number;
  readonly accounts: Accounts;
  readonly steps: Plan['steps'];
  readonly call: Call;
};

/** Opens a call: joins what was asked, the plan and the shared state for the loop. */
export function openCall({
  composite,
  request,
  plan,
  startedAtMs,
}: Pick<OpenCall, 'composite' | 'request' | 'plan' | 'startedAtMs'>): OpenCall {
  prepareList({ composite, plan });
  // Only a planner finds what to make up for.
  const recovers =
    plan.interruption && planner.now()?.makeUp({ composite, request, found: plan.interruption });
  if (plan.returnsTo !== undefined) planner.now()?.beginHomecoming({ composite, plan });
  const accounts = openAccounts({ composite, plan, recovers });
  if (plan.asked !== undefined && plan.asked.ticket === undefined && composite.spending !== undefined)
    void bookClassification({ composite, request, plan, accounts });
  const warnings: SharedV4Warning[] = plan.warnings.map(toSdk);
  const { route, task, options } = plan;
  if (composite.observers.length > 0) tellStart({ composite, accounts, request, startedAtMs });
  const warn = (message: string) => {
    if (accounts.warnings.includes(message)) return;
    accounts.warnings = [...accounts.warnings, message];
    warnings.push(toSdk(message));
  };
  const learned = composite.state.observed === undefined ? undefined : learnedLimits({ composite, options });
  const call: Call = {
    task,
    options,
    warnings,
    warn,
    startedAtMs,
    totalMs: route.totalMs,
    hedgeAfterMs: route.hedgeAfterMs,
    learned,
    recover: route.recover,
    continuing: route.recover === 'continue' ? continuingBy(accounts) : undefined,
    conditions: route.conditions,
    settleFor: route.onExhausted === 'best' ? settleBy({ composite, request, plan, accounts }) : undefined,
    endWith: attemptNumber => {
      accounts.refused ??= entryOf({ accounts, attemptNumber });
    },
    asked: request,
    interruption: plan.interruption,
    makers: composite.makers,
    // Only a planner finds links.
    downloadLinks: plan.unfetched && planner.now()?.createDownloads(plan.unfetched),
    backoff: composite.backoff,
    clock: composite.clock,
    random: composite.random,
    state: composite.state,
    exhausted: end => exhaust({ accounts, ...end }),
    admit: isBounded({ composite, request })
      ? admitBy({ composite, request, plan, accounts, warn })
      : undefined,
    record: recordBy({ composite, request, plan, accounts, learned }),
  };
  return { composite, request, plan, startedAtMs, accounts, call, steps: stepsOf({ plan, request }) };
}

/** Takes the answer of a failed attempt for the call's. */
function settleBy({
  composite,
  request,
  plan,
  accounts,
}: Pick<OpenCall, 'composite' | 'request' | 'plan' | 'accounts'>): Call['settleFor'] {
  return attemptNumber => {
    const entry = entryOf({ accounts, attemptNumber });
    const step = plan.steps.find(({ candidate: { name } }) => name === entry?.candidate);
    accounts.served = entry;
    if (entry === undefined || step === undefined) return;
    rememberServing({ composite, request, plan, accounts, candidate: step.candidate, away: entry.away });
  };
}

function entryOf({
  accounts: { entries },
  attemptNumber,
}: Pick<OpenCall, 'accounts'> & { readonly attemptNumber: number }): AttemptEntry | undefined {
  return entries.find(entry => entry.attemptNumber === attemptNumber);
}

/** Opens the books of each attempt of the call. */
function recordBy(
  open: Pick<OpenCall, 'composite' | 'request' | 'plan' | 'accounts'> & Pick<Call, 'learned'>,
): Call['record'] {
  const { composite, request, plan, accounts, learned } = open;
  return ({ candidate, type, startedAtMs, ticket, continues }) =>
    recordAttempt({
      composite,
      request,
      plan,
      accounts,
      learned,
      candidate,
      type,
      startedAtMs,
      ticket,
      continues,
    });
}

/** The plan's steps; a candidate that is itself a composite is told of the session. */
function stepsOf({
  plan: { steps },
  request: { sessionId },
}: Pick<OpenCall, 'plan' | 'request'>): Plan['steps'] {
  if (sessionId === undefined) return steps;
  return steps.map(step => ({ ...step, candidate: withSession({ candidate: step.candidate, sessionId }) }));
}

/** Tells that the call begins, and takes the observers that are made for it. */
function tellStart({
  composite: { observers },
  accounts,
  request: { tags, sessionId },
  startedAtMs,
}: Pick<OpenCall, 'composite' | 'accounts' | 'request' | 'startedAtMs'>): void {
  if (!isTold({ observers, name: 'onCallStart' })) return;
  const callId = callIdOf(accounts);
  const { task } = accounts;
  const event = { callId, task, tags, ...(sessionId !== undefined && { sessionId }), startedAtMs };
  accounts.observers = observeCall({ observers, event });
}

/** A classifier of the user's own asked a model without asking its budgets: what it cost counts all the same. */
async function bookClassification({
  composite,
  request,
  plan: { task },
  accounts,
}: Pick<OpenCall, 'composite' | 'request' | 'plan' | 'accounts'>): Promise<void> {
  await accounts.pending;
  const usdExact = accounts.classification?.cost.usdExact;
  if (usdExact === undefined) return;
  const { book } = await loadSpending(composite);
  book({ composite, request, task, usdExact });
}

/** Asks for every request of the call whether there is money and room for it. */
function admitBy({
  composite,
  request,
  plan: { task },
  accounts,
  warn,
}: Pick<OpenCall, 'composite' | 'request' | 'plan' | 'accounts'> & Pick<Call, 'warn'>): Admit {
  const onOpen = (leftOut: LeftOut) => {
    accounts.leftOut = leftOut;
  };
  return lazyAdmit({ composite, request, task, warn, onOpen });
}

/** Has what prices need on its way beside the first request; a candidate behind it that has a price needs no list. */
function prepareList({
  composite: { pricing },
  plan: { steps, options },
}: Pick<OpenCall, 'composite' | 'plan'>): void {
  if (pricing.isPrepared()) return;
  for (const step of steps)
    if (step === steps[0] || step.candidate.price === undefined)
      pricing.prepare(pricedCall({ candidate: step.candidate, options }));
}

/** A warning as the SDK shows it on a result. */
function toSdk(message: string): SharedV4Warning {
  return { type: 'other', message: `ai-composite: ${message}` };
}

/** The result with the call's report on it. */
export function reported({
  open: { accounts },
  result,
}: {
  readonly open: OpenCall;
  readonly result: LanguageModelV4GenerateResult;
}): LanguageModelV4GenerateResult | Promise<LanguageModelV4GenerateResult> {
  const serving = accounts.served ?? accounts.refused ?? accounts.entries.at(-1);
  const decorate = () => ({
    ...result,
    providerMetadata: withReport({
      metadata: result.providerMetadata,
      makeReport: () => reportOf({ accounts, serving }),
    }),
  });
  return accounts.pending === undefined ? decorate() : accounts.pending.then(decorate);
}
