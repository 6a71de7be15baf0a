import type { Clock } from '../../boundary/clock.ts';
import type { AttemptSample } from './attempt-sample.ts';
import { createRatedCalls, type RatedCalls } from './rated-calls.ts';
import { createTrackRecords, type TrackRecords } from './track-records.ts';
import { createWaits, type Waits } from './waits.ts';

/** What the routes of a composite learn from. */
export type ObservedSettings = {
  /** Deadlines of the routes that go by a score, in milliseconds; none where no route does. */
  readonly deadlines: ReadonlyArray<number>;
  /** Calls for which the application may say how good the answer was. */
  readonly maxCalls: number;
  /** Some limit goes by how long candidates take to their first output. */
  readonly hasWaits: boolean;
};

/** What was observed of candidates in this process, for orders and limits that learn from it. */
export type Observed = {
  /** Takes an attempt that has ended. */
  readonly record: (sample: AttemptSample) => void;
  readonly records: TrackRecords;
  readonly calls: RatedCalls;
  readonly waits: Waits;
};

/** Makes what learns; it has seen nothing. */
export function createObserved({
  settings: { deadlines, maxCalls, hasWaits },
  clock,
}: {
  readonly settings: ObservedSettings;
  readonly clock: Clock;
}): Observed {
  const records = createTrackRecords({ deadlines, clock });
  const waits = createWaits();
  return {
    record: sample => {
      if (deadlines.length > 0) records.record(sample);
      if (hasWaits) waits.record(sample);
    },
    records,
    waits,
    calls: createRatedCalls({ maxEntries: maxCalls, records, clock }),
  };
}
