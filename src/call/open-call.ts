import type { LanguageModelV4GenerateResult, SharedV4Warning } from '@ai-sdk/provider';
import { notify } from '../boundary/callback.ts';
import { type Candidate, pricedCall, withSession } from '../candidate/candidate.ts';
import { RouteExhaustedError } from '../failure/errors.ts';
import type { AttemptEnd, AttemptRecord, Call } from '../fallback/attempt.ts';
import type { AttemptStartEvent } from '../report/events.ts';
import { type CompositeMetadata, keepErrorReport, withReport } from '../report/report.ts';
import { affinityAfter } from '../route/affinity.ts';
import type { Plan } from '../route/plan.ts';
import type { ParsedRoute } from '../settings/route-settings.ts';
import type { Composite } from '../settings/settings.ts';
import { createLedger } from './accounts.ts';
import type { AttemptEntry } from './attempt-entry.ts';
import { createDownloads } from './download-links.ts';
import type { CompositeRequest } from './request.ts';

/** A call under way: what the loop needs, and its report. */
export type OpenCall = {
  readonly call: Call;
  readonly steps: Plan['steps'];
  /** The result with the call's report on it. */
  readonly reported: (result: LanguageModelV4GenerateResult) => Promise<LanguageModelV4GenerateResult>;
  /** Closes the call once its last attempt has ended: at once, or for a stream when the consumer is through with it. */
  readonly closeAfterLastAttempt: () => void;
};

/**
 * Opens a call: joins what was asked, the plan and the shared state for the loop, and keeps its ledger. Everything it holds
 * dies with the call.
 */
export function openCall({
  composite,
  request,
  plan,
  startedAtMs,
}: {
  readonly composite: Composite;
  readonly request: CompositeRequest;
  readonly plan: Plan<ParsedRoute>;
  /** When the caller came; finding the task and the prices may have taken a while since. */
  readonly startedAtMs: number;
}): OpenCall {
  const { clock, observers, pricing } = composite;
  const callId = composite.generateId();
  const { route, task, options } = plan;
  let { warnings } = plan;
  const sdkWarnings = warnings.map(toSdk);
  const { sessionId, tags } = request;
  /** The attempt whose answer is delivered: of a hedge that got two answers, the one that was there first. */
  let served: AttemptEntry | undefined;
  /** Set when the caller is told that nobody answered. */
  let isExhausted = false;

  if (!pricing.isPrepared())
    for (const { candidate } of plan.steps) pricing.prepare(pricedCall({ candidate, options }));
  const ledger = createLedger({ asked: plan.asked, pricing, observers, nowMs: clock.now() });

  const report = (serving: AttemptEntry | undefined): CompositeMetadata => {
    const { attempts, classification, cost } = ledger.balance();
    const affinity = affinityAfter({ affinity: plan.affinity, candidate: serving?.start.candidate });
    return {
      callId,
      task,
      candidate: serving?.start.candidate ?? '',
      attempts,
      skipped: plan.skipped,
      ...(affinity !== undefined && { affinity }),
      ...(warnings.length > 0 && { warnings }),
      ...(classification !== undefined && { classification }),
      cost,
    };
  };

  const outcome = () => {
    if (served !== undefined) return 'success';
    if (isExhausted) return 'failure';
    // Between two attempts, as in a backoff, no attempt ends with the abort.
    return options.abortSignal?.aborted === true
      ? 'abort'
      : (ledger.entries.at(-1)?.end?.outcome ?? 'failure');
  };

  const close = () => {
    const { candidate, ...known } = report(served);
    notify({
      observer: observers.onCallEnd,
      event: {
        ...known,
        tags,
        ...(sessionId !== undefined && { sessionId }),
        outcome: outcome(),
        ...(served !== undefined && { candidate }),
        startedAtMs,
        durationMs: clock.now() - startedAtMs,
      },
    });
  };

  const record: Call['record'] = ({ candidate, type }) => {
    const { model } = candidate;
    const start: AttemptStartEvent = {
      callId,
      task,
      attemptNumber: ledger.entries.length + 1,
      candidate: candidate.name,
      provider: model.provider,
      modelId: model.modelId,
      startedAtMs: clock.now(),
    };
    const priced = pricedCall({ candidate, options });
    const entry = ledger.begin({ start, priced });
    return {
      attemptNumber: start.attemptNumber,
      observe: entry.meter.observe,
      wantsRawChunks: type === 'stream' && pricing.wantsRawChunks(priced),
      end: end => {
        const endedAtMs = clock.now();
        composite.state.latency.record({
          identity: candidate.identity,
          type,
          // A quicker candidate, or a consumer that has seen enough: its time so far counts, unlike with the caller's abort.
          outcome: end.outcome === 'abort' && options.abortSignal?.aborted !== true ? 'lost' : end.outcome,
          firstChunkMs: end.firstChunkMs,
          durationMs: endedAtMs - start.startedAtMs,
        });
        if (end.outcome === 'success') served ??= entry;
        // Who stops reading an answer goes on with it all the same.
        const isHalfRead = served === undefined && end.outcome === 'abort' && end.firstChunkMs !== undefined;
        if (served === entry || isHalfRead) remember({ composite, request, plan, candidate, end });
        ledger.settle({ entry, end, endedAtMs });
      },
      reportOn: finish => {
        const decorate = () => ({
          ...finish,
          providerMetadata: withReport({ metadata: finish.providerMetadata, report: report(entry) }),
        });
        const pending = ledger.pending();
        return pending === undefined ? decorate() : pending.then(decorate);
      },
    } satisfies AttemptRecord;
  };

  return {
    steps: plan.steps.map(step => ({
      ...step,
      candidate: withSession({ candidate: step.candidate, sessionId }),
    })),
    call: {
      task,
      options,
      warnings: sdkWarnings,
      warn: message => {
        if (warnings.includes(message)) return;
        warnings = [...warnings, message];
        sdkWarnings.push(toSdk(message));
      },
      startedAtMs,
      totalMs: route.totalMs,
      hedgeAfterMs: route.hedgeAfterMs,
      conditions: route.conditions,
      makers: composite.makers,
      downloadLinks: plan.unfetched === undefined ? undefined : createDownloads(plan.unfetched),
      backoff: composite.backoff,
      clock,
      random: composite.random,
      state: composite.state,
      exhausted: async ({ attempts, reason }) => {
        isExhausted = true;
        const pending = ledger.pending();
        if (pending !== undefined) await pending;
        const { cost } = ledger.balance();
        const error = new RouteExhaustedError({
          callId,
          task,
          attempts,
          cost,
          warnings,
          ...(reason !== undefined && { reason }),
        });
        keepErrorReport({ error, report: report(undefined) });
        return error;
      },
      record,
    },
    reported: async result => {
      const pending = ledger.pending();
      if (pending !== undefined) await pending;
      return {
        ...result,
        providerMetadata: withReport({
          metadata: result.providerMetadata,
          report: report(served ?? ledger.entries.at(-1)),
        }),
      };
    },
    closeAfterLastAttempt: () => ledger.afterLastAttempt(close),
  };
}

/** A warning as the SDK shows it on a result. */
function toSdk(message: string): SharedV4Warning {
  return { type: 'other', message: `ai-composite: ${message}` };
}

/** Keeps what the conversation's next call goes by: who served it, and how much of its input came from a cache. */
function remember({
  composite: {
    state: { sessions, cacheReads },
    pricing,
  },
  request: { sessionId },
  plan: { task, options, route },
  candidate: { name, identity, model },
  end: { usage, providerMetadata },
}: {
  readonly composite: Composite;
  readonly request: CompositeRequest;
  readonly plan: Plan<ParsedRoute>;
  readonly candidate: Candidate;
  readonly end: AttemptEnd;
}): void {
  if (!route.hasAffinity) return;
  // A pin may name a candidate of another route; the conversation does not belong there.
  const isOfRoute = route.candidates.some(candidate => candidate.name === name);
  if (sessionId !== undefined && isOfRoute) sessions.record({ task, sessionId, candidate: name });
  const isFollowUp = options.prompt.some(({ role }) => role === 'assistant');
  if (!isFollowUp || usage === undefined) return;
  const keep = (share: number | undefined): void => {
    if (share !== undefined) cacheReads.record({ identity, share });
  };
  const share = pricing.cachedShare({ provider: model.provider, usage, providerMetadata });
  if (share instanceof Promise) void share.then(keep);
  else keep(share);
}
