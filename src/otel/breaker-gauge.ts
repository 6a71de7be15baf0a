import type { Meter, ObservableResult } from '@opentelemetry/api';
import type { CreateEvent } from '../index.ts';
import { attribute, metric } from './names.ts';

type Health = CreateEvent['health'];

/** Shows the circuit breakers of composites as a gauge, as they are when metrics are collected. */
export type BreakerGauge = {
  /** Shows those of this composite too, as long as it lives. */
  readonly watch: (health: Health) => void;
  readonly register: (meter: Meter) => void;
};

const stateNumbers = { closed: 0, 'half-open': 1, open: 2 } as const;

/** Makes a gauge without a composite and without a meter. */
export function createBreakerGauge(): BreakerGauge {
  // A composite that was made for one request or one customer must not live on because its health is watched.
  const watched = new Set<WeakRef<Health>>();
  const observe = (result: ObservableResult): void => {
    for (const reference of watched) {
      const health = reference.deref();
      if (health === undefined) watched.delete(reference);
      for (const { candidate, state } of health?.() ?? [])
        result.observe(stateNumbers[state], { [attribute.candidate]: candidate });
    }
  };
  return {
    watch: health => {
      watched.add(new WeakRef(health));
    },
    register: meter => {
      const options = { description: 'Circuit breakers: 0 closed, 1 half-open, 2 open.' };
      meter.createObservableGauge(metric.breakerState, options).addCallback(observe);
    },
  };
}
