import { classifyFailure } from '../failure/failure.ts';
import type { Delivery } from './delivery.ts';
import { endAttempt } from './open-attempt.ts';
import { isUnread, showBreak } from './show-break.ts';
import { stopWatch } from './stall-watch.ts';

/**
 * This stream broke after its commit: the one place where that is decided. Its attempt ends as a failure, and what
 * becomes of the answer follows from what the route recovers by.
 */
export function interrupt({
  delivery,
  cause,
}: {
  readonly delivery: Delivery;
  readonly cause: unknown;
}): true {
  const { attempt } = delivery;
  const { call, candidate } = attempt;
  const { provider } = candidate.model;
  stop({ delivery, reason: cause });
  const failure = classifyFailure({ error: cause, nowMs: call.clock.now(), provider });
  // That nobody reads is not the candidate's fault; whoever comes back must see all the same that the answer is not whole.
  if (isUnread(cause)) endAttempt({ attempt, end: { outcome: 'abort' } });
  else {
    endAttempt({ attempt, end: { outcome: 'failure', failure } });
    attempt.tellBreaker(failure);
  }
  return showBreak({ delivery, failure });
}

/** The consumer is through with the stream, or the caller with the call: the provider is told, and nobody failed. */
export function giveUp({
  delivery,
  reason,
}: {
  readonly delivery: Delivery;
  readonly reason: unknown;
}): void {
  if (delivery.isOver) return;
  stop({ delivery, reason });
  endAttempt({ attempt: delivery.attempt, end: { outcome: 'abort' } });
}

function stop({ delivery, reason }: { readonly delivery: Delivery; readonly reason: unknown }): void {
  delivery.isOver = true;
  stopWatch(delivery.watch);
  void delivery.reader.cancel(reason).catch(ignore);
}

function ignore(): void {}
