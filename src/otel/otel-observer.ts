import type { Meter, Tracer } from '@opentelemetry/api';
import type { Observers } from '../index.ts';
import { createBreakerGauge } from './breaker-gauge.ts';
import { createMetrics } from './metrics.ts';
import { observeCall } from './observe-call.ts';

/** What `otelObserver` takes. */
export type OtelObserverSettings = {
  /** Makes the spans; default: the tracer `ai-composite` of whatever provider is registered when a call comes. */
  readonly tracer?: Tracer;
  /** Makes the metrics; default: the meter `ai-composite` of whatever provider is registered when something is counted. */
  readonly meter?: Meter;
  /**
   * Also sets `gen_ai.usage.cost.*`, a draft of the semantic conventions, on the span that stands for the call. Default false:
   * costs are in `composite.cost.*`.
   */
  readonly draftCostAttributes?: boolean;
};

/**
 * Observes a composite with OpenTelemetry: a span for each attempt, under the span that is active where the call comes in;
 * who served, and what it cost, on that active span; metrics. Never a prompt, an answer, or the text of an error.
 *
 * Spread it into the settings, or put it among their `observers`. One may observe many composites.
 *
 * @example
 * const ai = createComposite({ tasks: { chat: [primary, backup] }, ...otelObserver() });
 */
export function otelObserver({
  tracer,
  meter,
  draftCostAttributes = false,
}: OtelObserverSettings = {}): Pick<Observers, 'onCreate' | 'onCallStart'> {
  const gauge = createBreakerGauge();
  const metrics = createMetrics({ meter, onMeter: gauge.register });
  return {
    onCreate: ({ health }) => {
      gauge.watch(health);
      metrics();
    },
    onCallStart: start =>
      observeCall({ start, tracer, metrics: metrics(), hasDraftCost: draftCostAttributes }),
  };
}
