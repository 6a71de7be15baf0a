import { endAttempt } from '../open-attempt.ts';
import type { Delivery } from './delivery.ts';
import { stopWatch } from './stall-watch.ts';

/** The consumer is through with the stream, or the caller with the call: the provider is told, and nobody failed. */
export function giveUp({
  delivery,
  reason,
}: {
  readonly delivery: Delivery;
  readonly reason: unknown;
}): void {
  if (delivery.isOver) {
    delivery.successor?.cancel(reason);
    return;
  }
  stopReading({ delivery, reason });
  endAttempt({ attempt: delivery.attempt, end: { outcome: 'abort' } });
}

/** Nothing more is read of a stream; its provider is told why. */
export function stopReading({
  delivery,
  reason,
}: {
  readonly delivery: Delivery;
  readonly reason: unknown;
}): void {
  delivery.isOver = true;
  stopWatch(delivery.watch);
  void delivery.reader.cancel(reason).catch(ignore);
}

function ignore(): void {}
