import type { LanguageModelV4GenerateResult, SharedV4Warning } from '@ai-sdk/provider';
import { type AttemptEntry, toEndEvent, toReport } from './attempt-entry.ts';
import { type Candidate, pricedCall, withSession } from './candidate.ts';
import { priceClassification } from './classification.ts';
import { addCosts, type Cost } from './cost/index.ts';
import { RouteExhaustedError } from './errors.ts';
import { type AttemptStartEvent, notify } from './events.ts';
import type { AttemptEnd, AttemptRecord, Call } from './fallback/attempt.ts';
import { type ClassificationReport, type CompositeMetadata, withReport } from './report.ts';
import type { CompositeRequest } from './request.ts';
import { affinityAfter } from './route/affinity.ts';
import type { Plan } from './route/plan.ts';
import type { ParsedRoute } from './settings/route-settings.ts';
import type { Composite } from './settings/settings.ts';

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
 * Opens a call: joins what was asked, the plan and the shared state for the loop, prices every attempt as it ends and tells
 * the observers, in order. Everything it holds dies with the call.
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
  const { route, task, options, warnings } = plan;
  const { sessionId, tags } = request;
  const entries: AttemptEntry[] = [];
  /** The attempt whose answer is delivered: of a hedge that got two answers, the one that was there first. */
  let served: AttemptEntry | undefined;
  let running = 0;
  let closing = false;
  /** Set when the caller is told that nobody answered. */
  let isExhausted = false;
  /** Set once a price has to be waited for; from then on all comes after it, so that observers see events in their order. */
  let pending: Promise<void> | undefined;
  let classification: ClassificationReport | undefined;
  if (plan.asked !== undefined) {
    const priced = priceClassification({ asked: plan.asked, pricing, nowMs: clock.now() });
    if (priced instanceof Promise) {
      pending = priced.then(known => {
        classification = known;
      });
    } else classification = priced;
  }
  /** What is booked so far, for the report and the observers; made anew when an attempt has begun or was booked. */
  let books: Pick<CompositeMetadata, 'attempts' | 'cost'> | undefined;
  const balance = () => {
    books ??= {
      attempts: entries.flatMap(toReport),
      cost: addCosts(
        classification === undefined
          ? entries.map(entry => entry.cost)
          : [classification.cost, ...entries.map(entry => entry.cost)],
      ),
    };
    return books;
  };

  if (!pricing.isPrepared())
    for (const { candidate } of plan.steps) pricing.prepare(pricedCall({ candidate, options }));

  const inOrder = (step: () => void): void => {
    if (pending === undefined) step();
    else pending = pending.then(step);
  };

  const report = (serving: AttemptEntry | undefined): CompositeMetadata => {
    const { attempts, cost } = balance();
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
    return options.abortSignal?.aborted === true ? 'abort' : (entries.at(-1)?.end?.outcome ?? 'failure');
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

  const settle = ({ entry, end }: { readonly entry: AttemptEntry; readonly end: AttemptEnd }) => {
    entry.end = end;
    entry.endedAtMs = clock.now();
    running -= 1;
    const cost = entry.meter.settle({
      outcome: end.outcome,
      ...(end.usage !== undefined && { usage: end.usage }),
      ...(end.providerMetadata !== undefined && { providerMetadata: end.providerMetadata }),
      ...(end.responseModelId !== undefined && { responseModelId: end.responseModelId }),
      ...(end.responseBody !== undefined && { responseBody: end.responseBody }),
      ...(end.failure !== undefined && { error: end.failure.error }),
    });
    const book = (known: Cost) => {
      entry.cost = known;
      books = undefined;
      notify({ observer: observers.onAttemptEnd, event: toEndEvent({ entry, end, cost: known }) });
    };
    if (cost instanceof Promise) pending = Promise.all([cost, pending]).then(([known]) => book(known));
    else inOrder(() => book(cost));
    if (closing && running === 0) inOrder(close);
  };

  const record: Call['record'] = ({ candidate, type }) => {
    const { model } = candidate;
    const start: AttemptStartEvent = {
      callId,
      task,
      attemptNumber: entries.length + 1,
      candidate: candidate.name,
      provider: model.provider,
      modelId: model.modelId,
      startedAtMs: clock.now(),
    };
    const priced = pricedCall({ candidate, options });
    const entry: AttemptEntry = { start, meter: pricing.meter(priced) };
    entries.push(entry);
    books = undefined;
    running += 1;
    inOrder(() => notify({ observer: observers.onAttemptStart, event: start }));
    return {
      attemptNumber: start.attemptNumber,
      observe: entry.meter.observe,
      wantsRawChunks: type === 'stream' && pricing.wantsRawChunks(priced),
      end: end => {
        composite.latency.record({
          identity: candidate.identity,
          type,
          // A quicker candidate, or a consumer that has seen enough: its time so far counts, unlike with the caller's abort.
          outcome: end.outcome === 'abort' && options.abortSignal?.aborted !== true ? 'lost' : end.outcome,
          firstChunkMs: end.firstChunkMs,
          durationMs: clock.now() - start.startedAtMs,
        });
        if (end.outcome === 'success') served ??= entry;
        // Who stops reading an answer goes on with it all the same.
        const isHalfRead = end.outcome === 'abort' && end.firstChunkMs !== undefined;
        if (served === entry || isHalfRead) remember({ composite, request, plan, candidate, end });
        settle({ entry, end });
      },
      reportOn: finish => {
        const decorate = () => ({
          ...finish,
          providerMetadata: withReport({ metadata: finish.providerMetadata, report: report(entry) }),
        });
        return pending === undefined ? decorate() : pending.then(decorate);
      },
    } satisfies AttemptRecord;
  };

  const closeAfterLastAttempt = () => {
    closing = true;
    if (running === 0) inOrder(close);
  };

  return {
    steps: plan.steps.map(step => ({
      ...step,
      candidate: withSession({ candidate: step.candidate, sessionId }),
    })),
    call: {
      callId,
      task,
      options,
      warnings: plan.warnings.map(warn),
      startedAtMs,
      totalMs: route.totalMs,
      hedgeAfterMs: route.hedgeAfterMs,
      conditions: route.conditions,
      backoff: composite.backoff,
      clock,
      random: composite.random,
      retryBudget: composite.retryBudget,
      breakerOf: composite.breakerOf,
      exhausted: async ({ attempts, reason }) => {
        isExhausted = true;
        if (pending !== undefined) await pending;
        const { cost } = balance();
        return new RouteExhaustedError({
          callId,
          task,
          attempts,
          cost,
          ...(reason !== undefined && { reason }),
        });
      },
      record,
    },
    reported: async result => {
      if (pending !== undefined) await pending;
      return {
        ...result,
        providerMetadata: withReport({
          metadata: result.providerMetadata,
          report: report(served ?? entries.at(-1)),
        }),
      };
    },
    closeAfterLastAttempt,
  };
}

/** A warning as the SDK shows it on a result. */
function warn(message: string): SharedV4Warning {
  return { type: 'other', message: `ai-composite: ${message}` };
}

/** Keeps what the conversation's next call goes by: who served it, and how much of its input came from a cache. */
function remember({
  composite: { sessions, cacheReads, pricing },
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
  const share = pricing.cachedShare({ provider: model.provider, usage, providerMetadata });
  if (share !== undefined) cacheReads.record({ identity, share });
}
