import {
  type Attributes,
  type Context,
  context as contexts,
  createContextKey,
  type Span,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import type {
  AttemptEndEvent,
  AttemptStartEvent,
  CallEndEvent,
  CallObservers,
  CallStartEvent,
} from '../index.ts';
import { isInference, tellActiveSpan } from './active-span.ts';
import { draftCostAttributes, endAttemptSpan, startAttemptSpan } from './attempt-span.ts';
import { lastAsked } from './last-asked.ts';
import type { Metrics } from './metrics.ts';
import { attribute, providerName, scopeName } from './names.ts';

/** What is kept of a call while it lasts. */
type ObservedCall = {
  readonly start: CallStartEvent;
  readonly tracer: Tracer;
  readonly metrics: Metrics;
  readonly hasDraftCost: boolean;
  /** In which the call came in: the end of a stream is told where the stream is read, and there no span of it is active. */
  readonly context: Context;
  readonly active: Span | undefined;
  /** The active span stands for a request to a model. */
  readonly isBelowInference: boolean;
  /** The call came in from inside an attempt that is observed. */
  readonly isInner: boolean;
  /** Attempts under way, by their numbers. */
  readonly open: Map<number, OpenAttempt>;
  /** Attempts whose start was told, and whose end was not. */
  running: number;
  /** The attempt that ended last, where it failed. */
  failed: AttemptEndEvent | undefined;
  /** What was told of the candidates that answered, also where their answers failed a judgement. */
  readonly answered: Map<string, Attributes>;
};

type OpenAttempt = {
  readonly span: Span;
  /** The call's, with the span in it. */
  readonly context: Context;
  /** Calls of composites that came in from inside it and are observed too, by their ids. */
  readonly innerCalls: Set<string>;
};

/** Under this key a request carries the inner calls of its attempt. */
const innerCallsKey = createContextKey('ai-composite inner calls');

/** Observes one call. All that is kept of it dies with it. */
export function observeCall({
  start,
  tracer = trace.getTracer(scopeName),
  ...shared
}: Pick<ObservedCall, 'start' | 'metrics' | 'hasDraftCost'> & {
  readonly tracer: Tracer | undefined;
}): CallObservers {
  const context = contexts.active();
  const active = trace.getSpan(context);
  const outer = context.getValue(innerCallsKey);
  if (outer instanceof Set) outer.add(start.callId);
  const call: ObservedCall = {
    ...shared,
    start,
    tracer,
    context,
    active,
    isBelowInference: active !== undefined && isInference(active),
    isInner: outer !== undefined,
    open: new Map(),
    running: 0,
    failed: undefined,
    answered: new Map(),
  };
  return {
    onAttemptStart: event => beginAttempt({ call, event }),
    onAttemptEnd: event => endAttempt({ call, event }),
    onCallEnd: event => endCall({ call, event }),
    executeAttempt: ({ execute, ...event }) => contexts.with(openAttempt({ call, event }).context, execute),
    executeObserver: ({ execute }) => contexts.with(context, execute),
  };
}

/** Its request may leave before its start is told, since events wait for the price of the attempt before. */
function openAttempt({
  call: { start, tracer, context, isBelowInference, open },
  event,
}: {
  readonly call: ObservedCall;
  readonly event: AttemptStartEvent;
}): OpenAttempt {
  const known = open.get(event.attemptNumber);
  if (known !== undefined) return known;
  const span = startAttemptSpan({ tracer, call: start, event, context, isBelowInference });
  const innerCalls = new Set<string>();
  const attempt = {
    span,
    context: trace.setSpan(context, span).setValue(innerCallsKey, innerCalls),
    innerCalls,
  };
  open.set(event.attemptNumber, attempt);
  return attempt;
}

function beginAttempt({
  call,
  event,
}: {
  readonly call: ObservedCall;
  readonly event: AttemptStartEvent;
}): void {
  const { context } = openAttempt({ call, event });
  const { failed, metrics, running } = call;
  // Beside one that still runs it is a hedge.
  if (running === 0 && failed !== undefined && failed.candidate !== event.candidate)
    metrics.fallback({ from: failed, event, context });
  call.running += 1;
  tell({ call, attributes: askedAttributes({ provider: event.provider, requestModel: event.modelId }) });
}

function endAttempt({ call, event }: { readonly call: ObservedCall; readonly event: AttemptEndEvent }): void {
  const { span, context, innerCalls } = openAttempt({ call, event });
  const { outcome, firstChunkMs, nested, cost } = event;
  call.open.delete(event.attemptNumber);
  call.running -= 1;
  call.failed = outcome === 'failure' ? event : undefined;

  const asked = lastAsked(event);
  const hasAnswered = outcome === 'success' || firstChunkMs !== undefined;
  const served = {
    ...askedAttributes(asked),
    ...(hasAnswered && { [attribute.responseModel]: asked.responseModel }),
  };
  if (hasAnswered) call.answered.set(event.candidate, served);
  if (hasAnswered || nested !== undefined) tell({ call, attributes: served });
  const draft =
    call.hasDraftCost && !call.isBelowInference
      ? draftCostAttributes({ usd: cost.usd, isReported: cost.source === 'provider' })
      : {};
  endAttemptSpan({ span, event, attributes: { ...served, ...draft } });
  const isCountedInside = nested !== undefined && innerCalls.has(nested.callId);
  call.metrics.attempt({ event, isCountedInside, context });
}

function endCall({ call, event }: { readonly call: ObservedCall; readonly event: CallEndEvent }): void {
  const { metrics, context, hasDraftCost, isBelowInference, isInner } = call;
  const { callId, task, candidate, outcome, attempts, cost } = event;
  // What is active for an inner call is the span of an attempt, which says the same of the outer call.
  if (!isInner)
    tell({
      call,
      attributes: {
        // It may be an earlier one whose answer was the least bad.
        ...(candidate !== undefined && call.answered.get(candidate)),
        [attribute.callId]: callId,
        [attribute.task]: task,
        ...(candidate !== undefined && { [attribute.candidate]: candidate }),
        [attribute.outcome]: outcome,
        [attribute.attemptCount]: attempts.length,
        [attribute.callCostStatus]: cost.status,
        ...(cost.usd !== undefined && { [attribute.callCostUsd]: cost.usd }),
        ...(hasDraftCost &&
          isBelowInference &&
          draftCostAttributes({
            usd: cost.usd,
            isReported: attempts.every(attempt => attempt.cost.source === 'provider'),
          })),
      },
    });
  metrics.call({ event, context });
}

function tell({
  call: { active },
  attributes,
}: {
  readonly call: ObservedCall;
  readonly attributes: Attributes;
}): void {
  if (active !== undefined) tellActiveSpan({ span: active, attributes });
}

function askedAttributes({
  provider,
  requestModel,
}: {
  readonly provider: string;
  readonly requestModel: string;
}): Attributes {
  return { [attribute.providerName]: providerName(provider), [attribute.requestModel]: requestModel };
}
