import {
  type Attributes,
  type Context,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
} from '@opentelemetry/api';
import type { AttemptEndEvent, AttemptStartEvent, CallStartEvent } from '../index.ts';
import { attemptOperation, attribute, providerName, tagAttribute } from './names.ts';

/** Starts the span of an attempt, at the time at which its request left. */
export function startAttemptSpan({
  tracer,
  call: { tags, sessionId },
  event,
  context,
  isBelowInference,
}: {
  readonly tracer: Tracer;
  readonly call: CallStartEvent;
  readonly event: AttemptStartEvent;
  readonly context: Context;
  /** A span above already stands for the call; counting by operation must not count it twice. */
  readonly isBelowInference: boolean;
}): Span {
  const { callId, task, attemptNumber, candidate, provider, modelId, startedAtMs } = event;
  return tracer.startSpan(
    `attempt ${attemptNumber} ${candidate}`,
    {
      kind: isBelowInference ? SpanKind.INTERNAL : SpanKind.CLIENT,
      startTime: new Date(startedAtMs),
      attributes: {
        [attribute.operationName]: isBelowInference ? attemptOperation : 'chat',
        [attribute.providerName]: providerName(provider),
        [attribute.requestModel]: modelId,
        [attribute.callId]: callId,
        [attribute.task]: task,
        [attribute.candidate]: candidate,
        [attribute.attemptNumber]: attemptNumber,
        ...(sessionId !== undefined && { [attribute.conversationId]: sessionId }),
        ...Object.fromEntries(Object.entries(tags).map(([name, value]) => [tagAttribute(name), value])),
      },
    },
    context,
  );
}

/** Ends it, at the time at which the attempt ended: its price may have come later. */
export function endAttemptSpan({
  span,
  event,
  attributes,
}: {
  readonly span: Span;
  readonly event: AttemptEndEvent;
  readonly attributes: Attributes;
}): void {
  const { outcome, failureKind, statusCode, responseModelId, firstChunkMs, cost } = event;
  span.setAttributes({
    [attribute.outcome]: outcome,
    ...(failureKind !== undefined && { [attribute.errorType]: failureKind }),
    ...(statusCode !== undefined && { [attribute.statusCode]: statusCode }),
    ...(responseModelId !== undefined && { [attribute.responseModel]: responseModelId }),
    ...(firstChunkMs !== undefined && { [attribute.timeToFirstChunk]: firstChunkMs / 1_000 }),
    ...usageAttributes(event.usage),
    ...costAttributes(cost),
    ...attributes,
  });
  // Without a message: the provider's may hold the prompt.
  if (outcome === 'failure') span.setStatus({ code: SpanStatusCode.ERROR });
  span.end(new Date(event.startedAtMs + event.durationMs));
}

/** A cost as attributes; an amount that is not known is left out. */
function costAttributes({ usd, status }: { readonly usd?: number; readonly status: string }): Attributes {
  return { [attribute.costStatus]: status, ...(usd !== undefined && { [attribute.costUsd]: usd }) };
}

/** The draft attributes of a cost; none where it is not known. */
export function draftCostAttributes({
  usd,
  isReported,
}: {
  readonly usd: number | undefined;
  /** By the provider, not worked out here. */
  readonly isReported: boolean;
}): Attributes {
  if (usd === undefined) return {};
  return {
    [attribute.draftCostAmount]: usd,
    [attribute.draftCostCurrency]: 'USD',
    [attribute.draftCostSource]: isReported ? 'provider' : 'local',
  };
}

function usageAttributes(usage: AttemptEndEvent['usage']): Attributes {
  if (usage === undefined) return {};
  const { inputTokens, outputTokens } = usage;
  const counts = {
    [attribute.inputTokens]: inputTokens.total,
    [attribute.outputTokens]: outputTokens.total,
    [attribute.cacheReadTokens]: inputTokens.cacheRead,
    [attribute.cacheWriteTokens]: inputTokens.cacheWrite,
    [attribute.reasoningTokens]: outputTokens.reasoning,
  };
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== undefined));
}
