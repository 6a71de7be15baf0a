import type { Cost, Meter } from '../cost/index.ts';
import { hide } from '../failure/loggable-error.ts';
import type { AttemptEnd } from '../fallback/attempt.ts';
import type { AttemptEndEvent, AttemptStartEvent } from '../report/events.ts';
import { type AttemptReport, readErrorReport, readReport } from '../report/report.ts';

/** What is known of one attempt; filled in when it ends. */
export type AttemptEntry = {
  readonly start: AttemptStartEvent;
  readonly meter: Meter;
  end?: AttemptEnd;
  endedAtMs?: number;
  cost?: Cost;
};

/** The entry as the observers are told of its end. */
export function toEndEvent({
  entry,
  end,
  cost,
}: {
  readonly entry: AttemptEntry;
  readonly end: AttemptEnd;
  readonly cost: Cost;
}): AttemptEndEvent {
  const { failure, firstChunkMs, usage } = end;
  const event: AttemptEndEvent = {
    ...entry.start,
    outcome: end.outcome,
    ...(failure !== undefined && { failureKind: failure.kind }),
    ...(failure?.statusCode !== undefined && { statusCode: failure.statusCode }),
    durationMs: (entry.endedAtMs ?? entry.start.startedAtMs) - entry.start.startedAtMs,
    ...(firstChunkMs !== undefined && { firstChunkMs }),
    ...(usage !== undefined && { usage }),
    cost,
  };
  return failure === undefined ? event : hide({ on: event, key: 'error', value: failure.error });
}

/** The attempt as the report shows it; nothing while it still runs. */
export function toReport({ start, end, endedAtMs, cost }: AttemptEntry): ReadonlyArray<AttemptReport> {
  if (end === undefined || cost === undefined) return [];
  const { failure, firstChunkMs, responseModelId } = end;
  // What a cache gives again was reported, and paid, before.
  const nested =
    cost.source === 'cache'
      ? undefined
      : (readReport(end.providerMetadata) ?? readErrorReport(failure?.error));
  return [
    {
      attemptNumber: start.attemptNumber,
      candidate: start.candidate,
      provider: start.provider,
      modelId: responseModelId ?? start.modelId,
      outcome: end.outcome,
      ...(failure !== undefined && { failureKind: failure.kind }),
      ...(failure?.statusCode !== undefined && { statusCode: failure.statusCode }),
      durationMs: (endedAtMs ?? start.startedAtMs) - start.startedAtMs,
      ...(firstChunkMs !== undefined && { firstChunkMs }),
      cost,
      ...(nested !== undefined && { nested }),
    },
  ];
}
