import { context, metrics, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';

/** What an application registers with OpenTelemetry, kept in memory. */
export type Telemetry = {
  readonly spans: () => ReadonlyArray<ReadableSpan>;
  /** The spans as a tree: a line each, indented below its parent, in the order of their starts. */
  readonly tree: () => ReadonlyArray<string>;
  /** The only span whose name begins like this. */
  readonly span: (name: string) => ReadableSpan;
  /** The sums or counts of a metric by its attributes, as `value key=value ...`. */
  readonly metric: (name: string) => Promise<ReadonlyArray<string>>;
  readonly dispose: () => Promise<void>;
};

/** Registers a context manager, a tracer provider and a meter provider, each unless it is said otherwise. */
export function registerTelemetry({
  hasContext = true,
  isGlobal = true,
}: {
  readonly hasContext?: boolean;
  readonly isGlobal?: boolean;
} = {}): Telemetry & {
  readonly tracerProvider: BasicTracerProvider;
  readonly meterProvider: MeterProvider;
} {
  const exporter = new InMemorySpanExporter();
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const metricExporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({
    exporter: metricExporter,
    exportIntervalMillis: 2_000_000,
  });
  const meterProvider = new MeterProvider({ readers: [reader] });
  if (hasContext) context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  if (isGlobal) {
    trace.setGlobalTracerProvider(tracerProvider);
    metrics.setGlobalMeterProvider(meterProvider);
  }
  const spans = () => exporter.getFinishedSpans();
  return {
    tracerProvider,
    meterProvider,
    spans,
    tree: () => branches({ spans: spans(), parentId: undefined, indent: '' }),
    span: name => {
      const [found, ...others] = spans().filter(own => own.name.startsWith(name));
      if (found === undefined || others.length > 0)
        throw new Error(`${others.length + 1} of ${name} in ${spans().map(own => own.name)}`);
      return found;
    },
    metric: async name => {
      metricExporter.reset();
      await meterProvider.forceFlush();
      return metricExporter
        .getMetrics()
        .flatMap(({ scopeMetrics }) => scopeMetrics)
        .flatMap(scope => scope.metrics)
        .filter(({ descriptor }) => descriptor.name === name)
        .flatMap(({ dataPoints }) =>
          dataPoints.map(({ value, attributes }) => {
            const shown = typeof value === 'number' ? value : `${value.count}x${value.sum}`;
            const pairs = Object.entries(attributes).map(([key, own]) => `${key.split('.').at(-1)}=${own}`);
            return [shown, ...pairs].join(' ');
          }),
        );
    },
    dispose: async () => {
      context.disable();
      trace.disable();
      metrics.disable();
      await tracerProvider.shutdown();
      await meterProvider.shutdown();
    },
  };
}

function branches({
  spans,
  parentId,
  indent,
}: {
  readonly spans: ReadonlyArray<ReadableSpan>;
  readonly parentId: string | undefined;
  readonly indent: string;
}): ReadonlyArray<string> {
  const ids = new Set(spans.map(span => span.spanContext().spanId));
  return spans
    .filter(({ parentSpanContext }) =>
      parentId === undefined
        ? parentSpanContext === undefined || !ids.has(parentSpanContext.spanId)
        : parentSpanContext?.spanId === parentId,
    )
    .toSorted((one, other) => startOf(one) - startOf(other) || Number(one.name > other.name) - 0.5)
    .flatMap(span => [
      `${indent}${span.name}`,
      ...branches({ spans, parentId: span.spanContext().spanId, indent: `${indent}  ` }),
    ]);
}

function startOf({ startTime: [seconds, nanos] }: ReadableSpan): number {
  return seconds * 1_000 + nanos / 1_000_000;
}
