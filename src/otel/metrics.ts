import { type Attributes, type Context, type Meter, metrics } from '@opentelemetry/api';
import type { AttemptEndEvent, AttemptStartEvent, CallEndEvent } from '../index.ts';
import { attribute, metric, providerName, scopeName } from './names.ts';

/** Counts what happens to calls; the context is that of the span which it belongs to. */
export type Metrics = {
  readonly call: (told: { readonly event: CallEndEvent; readonly context: Context }) => void;
  readonly fallback: (told: {
    readonly from: AttemptEndEvent;
    readonly event: AttemptStartEvent;
    readonly context: Context;
  }) => void;
  readonly attempt: (told: {
    readonly event: AttemptEndEvent;
    /** The attempt's composite counts its tokens and its cost itself. */
    readonly isCountedInside: boolean;
    readonly context: Context;
  }) => void;
};

/**
 * Makes the instruments, of the meter at hand or of whatever provider is registered when something is counted: one that is
 * registered later must still hear of it, so they are made anew when the provider changes.
 */
export function createMetrics({
  meter,
  onMeter,
}: {
  readonly meter: Meter | undefined;
  readonly onMeter: (meter: Meter) => void;
}): () => Metrics {
  let made: { readonly source: unknown; readonly metrics: Metrics } | undefined;
  return () => {
    const source = meter ?? metrics.getMeterProvider();
    if (made?.source !== source) {
      const own = meter ?? metrics.getMeter(scopeName);
      made = { source, metrics: createInstruments(own) };
      onMeter(own);
    }
    return made.metrics;
  };
}

/** As the semantic conventions have them for durations of inference. */
const seconds = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const dollars = [0.00001, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10];

function createInstruments(meter: Meter): Metrics {
  const instruments = instrumentsOf(meter);
  const { calls, fallbacks } = instruments;
  const recordCost = ({ usd, ...told }: { usd?: number; attributes: Attributes; context: Context }) => {
    if (usd !== undefined) instruments.cost.record(usd, told.attributes, told.context);
  };

  return {
    call: ({ event, context }) => {
      const { task, outcome, classification } = event;
      calls.add(1, { [attribute.task]: task, [attribute.outcome]: outcome }, context);
      if (classification === undefined) return;
      const attributes = {
        [attribute.task]: task,
        [attribute.providerName]: providerName(classification.provider),
        [attribute.requestModel]: classification.modelId,
        [attribute.purpose]: 'classification',
      };
      recordCost({ ...usdOf(classification.cost), attributes, context });
    },
    fallback: ({ from, event, context }) =>
      fallbacks.add(
        1,
        {
          [attribute.task]: event.task,
          [attribute.fallbackFrom]: from.candidate,
          [attribute.candidate]: event.candidate,
          ...(from.failureKind !== undefined && { [attribute.errorType]: from.failureKind }),
        },
        context,
      ),
    attempt: ({ event, isCountedInside, context }) => {
      const { attempts, duration, timeToFirstChunk, tokens } = instruments;
      const candidate = candidateAttributes(event);
      const { outcome, failureKind, durationMs, firstChunkMs } = event;
      const ended = {
        ...candidate,
        [attribute.outcome]: outcome,
        ...(failureKind !== undefined && { [attribute.errorType]: failureKind }),
      };
      attempts.add(1, ended, context);
      duration.record(durationMs / 1_000, ended, context);
      if (firstChunkMs !== undefined) timeToFirstChunk.record(firstChunkMs / 1_000, candidate, context);
      if (isCountedInside) return;
      for (const [kind, count] of tokensByKind(event.usage))
        tokens.add(count, { ...candidate, [attribute.tokenType]: kind }, context);
      recordCost({ ...usdOf(event.cost), attributes: ended, context });
    },
  };
}

function instrumentsOf(meter: Meter) {
  const counter = (name: string, unit: string, description: string) =>
    meter.createCounter(name, { unit, description });
  const histogram = (name: string, unit: string, explicitBucketBoundaries: number[], description: string) =>
    meter.createHistogram(name, { unit, description, advice: { explicitBucketBoundaries } });
  const first = 'From the start of an attempt to its first output.';
  const moved = 'Times that a call went from a candidate that failed to another one.';
  const kinds = 'Tokens by kind; the kinds add up to all of them.';
  const known = 'What attempts, and requests to classifying models, cost where that is known.';
  return {
    calls: counter(metric.calls, '{call}', 'Calls that ended.'),
    attempts: counter(metric.attempts, '{attempt}', 'Requests to one candidate that ended.'),
    fallbacks: counter(metric.fallbacks, '{fallback}', moved),
    duration: histogram(metric.duration, 's', seconds, 'How long attempts took.'),
    timeToFirstChunk: histogram(metric.timeToFirstChunk, 's', seconds, first),
    tokens: counter(metric.tokens, '{token}', kinds),
    cost: histogram(metric.cost, '{USD}', dollars, known),
  };
}

function candidateAttributes({ task, candidate, provider, modelId }: AttemptStartEvent): Attributes {
  return {
    [attribute.task]: task,
    [attribute.candidate]: candidate,
    [attribute.providerName]: providerName(provider),
    [attribute.requestModel]: modelId,
  };
}

function usdOf({ usd }: { readonly usd?: number }): { readonly usd?: number } {
  return usd === undefined ? {} : { usd };
}

/** Every token under one kind; where a part is not counted apart, it is in the kind that has the rest. */
function tokensByKind(
  usage: AttemptEndEvent['usage'],
): ReadonlyArray<readonly [kind: string, count: number]> {
  if (usage === undefined) return [];
  const { inputTokens, outputTokens } = usage;
  const {
    cacheRead = 0,
    cacheWrite = 0,
    noCache = rest(inputTokens.total, cacheRead + cacheWrite),
  } = inputTokens;
  const { reasoning = 0, text = rest(outputTokens.total, reasoning) } = outputTokens;
  const kinds = { input: noCache, cache_read: cacheRead, cache_write: cacheWrite, output: text, reasoning };
  return Object.entries(kinds).filter(([, count]) => count > 0);
}

function rest(total: number | undefined, counted: number): number {
  return total === undefined ? 0 : Math.max(0, total - counted);
}
