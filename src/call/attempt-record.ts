import { type CallType, optionsFor } from '../candidate/call-options.ts';
import { type Candidate, pricedCall } from '../candidate/candidate.ts';
import type { Ticket } from '../candidate/ticket.ts';
import type { AttemptEnd, AttemptRecord, Continues, FinishPart } from '../fallback/attempt.ts';
import { thinksFirst } from '../fallback/limits/first-chunk-limit.ts';
import type { LearnedLimits } from '../fallback/limits/learned-limits.ts';
import { isTold, workInside } from '../report/observe.ts';
import { withReport } from '../report/report.ts';
import type { Plan } from '../route/plan.ts';
import type { ParsedRoute } from '../settings/route-settings.ts';
import type { AttemptSample } from '../state/observed/attempt-sample.ts';
import type { LatencySample } from '../state/observed/latency.ts';
import { type Accounts, beginAttempt, callIdOf, endAttempt, reportOf } from './accounts.ts';
import { type AttemptEntry, toStartEvent } from './attempt-entry.ts';
import { awayOf } from './away.ts';
import { fixedLimit } from './learned-limits.ts';
import type { Composite } from './open-composite.ts';
import { planner } from './planner-chunk.ts';
import { rememberServing } from './remember-serving.ts';
import type { CompositeRequest } from './request.ts';
import { usageOfParts } from './usage-of-parts.ts';

type Recorded = {
  readonly composite: Composite;
  readonly request: CompositeRequest;
  readonly plan: Plan<ParsedRoute>;
  readonly accounts: Accounts;
  readonly learned: LearnedLimits | undefined;
  readonly candidate: Candidate;
  readonly type: CallType;
  readonly startedAtMs: number;
  readonly continues: Continues | undefined;
  readonly ticket: Ticket | undefined;
};

/** Opens the record of one attempt, through which the loop tells what becomes of it. */
export function recordAttempt(recorded: Recorded): AttemptRecord {
  const { composite, plan, accounts, candidate, type, startedAtMs, continues, ticket } = recorded;
  const recovery = continues?.recovery;
  const { pricing, clock } = composite;
  const priced = pricedCall({ candidate, options: continues?.options ?? plan.options });
  const meter = pricing.meter(priced);
  const away = awayOf({ plan, accounts, candidate: candidate.name });
  const entry: AttemptEntry = {
    attemptNumber: accounts.entries.length + 1,
    candidate: candidate.name,
    provider: priced.provider,
    modelId: priced.modelId,
    startedAtMs,
    recovery,
    away,
    ended: undefined,
    cost: undefined,
  };
  beginAttempt({ accounts, entry });
  composite.state.inFlight?.begin(candidate.identity);
  return {
    attemptNumber: entry.attemptNumber,
    stamp: candidate.stamp + away,
    observe: meter.observe,
    wantsRawChunks: type === 'stream' && pricing.wantsRawChunks(priced),
    within: withinOf({ accounts, entry }),
    end: end => {
      const { atMs: endedAtMs = clock.now() } = end;
      composite.state.inFlight?.end(candidate.identity);
      remember({ recorded, end, durationMs: endedAtMs - startedAtMs });
      if (end.outcome === 'success') accounts.served ??= entry;
      // Who stops reading an answer goes on with it all the same; of an answer that is held back nobody knows.
      const isHalfRead =
        accounts.served === undefined &&
        end.outcome === 'abort' &&
        end.firstChunkMs !== undefined &&
        (recovery === undefined || madeLastPart({ accounts, entry }));
      const isServing = accounts.served === entry || isHalfRead;
      if (isServing) {
        rememberServing({ ...recorded, away });
        if (plan.route.hasAffinity) rememberCacheRead({ recorded, end });
      }
      if (plan.returnsTo?.name === candidate.name)
        planner.now()?.endHomecoming({ composite, plan, isAnswered: isServing });
      endAttempt({ accounts, entry, meter, ticket, end, endedAtMs });
    },
    hear: ticket?.hear,
    reportOn: finish => reportOn({ accounts, entry, finish }),
  };
}

/** What the call's observers have around the attempt's request. */
function withinOf({
  accounts,
  entry,
}: {
  readonly accounts: Accounts;
  readonly entry: AttemptEntry;
}): AttemptRecord['within'] {
  if (!isTold({ observers: accounts.observers, name: 'executeAttempt' })) return undefined;
  const observers = accounts.observers.filter(({ executeAttempt }) => executeAttempt !== undefined);
  const start = toStartEvent({ callId: callIdOf(accounts), task: accounts.task, entry });
  return work =>
    workInside({ observers, around: own => execute => own.executeAttempt?.({ ...start, execute }), work });
}

function reportOn({
  accounts,
  entry,
  finish,
}: {
  readonly accounts: Accounts;
  readonly entry: AttemptEntry;
  readonly finish: FinishPart;
}): FinishPart | Promise<FinishPart> {
  const decorate = () => ({
    ...finish,
    usage: accounts.parts === undefined ? finish.usage : (usageOfParts(accounts) ?? finish.usage),
    providerMetadata: withReport({
      metadata: finish.providerMetadata,
      makeReport: () => reportOf({ accounts, serving: entry }),
    }),
  });
  return accounts.pending === undefined ? decorate() : accounts.pending.then(decorate);
}

function madeLastPart({
  accounts: { parts },
  entry: { attemptNumber },
}: {
  readonly accounts: Accounts;
  readonly entry: AttemptEntry;
}): boolean {
  return parts?.at(-1)?.attemptNumber === attemptNumber;
}

/** Keeps how soon the candidate answered, and what else there is to learn from it. */
function remember({
  recorded: {
    composite: { state },
    plan: { options },
    candidate,
    type,
    learned,
  },
  end: { outcome, failure, firstChunkMs, hasThought = false, usage },
  durationMs,
}: {
  readonly recorded: Recorded;
  readonly end: AttemptEnd;
  readonly durationMs: number;
}): void {
  const sample: LatencySample = {
    identity: candidate.identity,
    type,
    // A quicker candidate, or a consumer that has seen enough: its time so far counts, unlike with the caller's abort.
    outcome: outcome === 'abort' && options.abortSignal?.aborted !== true ? 'lost' : outcome,
    firstChunkMs,
    durationMs,
  };
  state.latency.record(sample);
  if (state.observed === undefined) return;
  const asked = { candidate, options: optionsFor({ candidate, options }) };
  const learnable: AttemptSample = {
    ...sample,
    failure,
    isThinking: thinksFirst(asked),
    hasThought,
    isLong: learned?.isLong() ?? false,
    fixedMs: fixedLimit({ ...asked, type, hasThought }),
    outputTokens: usage?.outputTokens.total,
  };
  state.observed.tell(({ record }) => record(learnable));
}

/** Keeps how much of a follow-up's input came from the candidate's cache. */
function rememberCacheRead({
  recorded: {
    composite: { state, pricing },
    plan: { options },
    candidate: { identity, model },
  },
  end: { usage, providerMetadata },
}: {
  readonly recorded: Recorded;
  readonly end: AttemptEnd;
}): void {
  const isFollowUp = usage !== undefined && options.prompt.some(({ role }) => role === 'assistant');
  if (!isFollowUp) return;
  const keep = (share: number | undefined): void => {
    if (share !== undefined) state.cacheReads.record({ identity, share });
  };
  const share = pricing.cachedShare({ provider: model.provider, usage, providerMetadata });
  if (share instanceof Promise) void share.then(keep);
  else keep(share);
}
