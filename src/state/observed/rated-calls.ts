import type { Clock } from '../../boundary/clock.ts';
import { addSample, replaceSample, type ShareSample } from './share.ts';
import type { Answered, TrackRecords } from './track-records.ts';

/** What an application says of an answer. */
export type Feedback = {
  /** From the report or the events of the call. */
  readonly callId: string;
  /** From 0, useless, to 1, all that was asked for. */
  readonly score: number;
};

/** Calls that were answered a while ago at most, for what the application may say of them. */
export type RatedCalls = {
  /** Keeps who answered a call. */
  readonly served: (answer: Answered & Pick<Feedback, 'callId'>) => void;
  /** Takes what the application says; of one call its last word counts. False for a call that is not remembered. */
  readonly rate: (feedback: Feedback) => boolean;
};

type Remembered = Answered & { sample: ShareSample | undefined };

/** Longer ids are not remembered, so that nobody fills the memory with a few of them. */
const longestId = 256;

/** Makes an empty memory of at most `maxEntries` calls, some 200 bytes each; the earliest are forgotten first. */
export function createRatedCalls({
  maxEntries,
  records,
  clock,
}: {
  readonly maxEntries: number;
  readonly records: TrackRecords;
  readonly clock: Clock;
}): RatedCalls {
  const calls = new Map<string, Remembered>();
  // Kept, because a new one walks over everything that was taken out before.
  const earliest = calls.keys();
  return {
    served: ({ callId, identity, task }) => {
      if (callId.length > longestId) return;
      calls.delete(callId);
      calls.set(callId, { identity, task, sample: undefined });
      if (calls.size <= maxEntries) return;
      const { value } = earliest.next();
      if (value !== undefined) calls.delete(value);
    },
    rate: ({ callId, score }) => {
      const call = calls.get(callId);
      if (call === undefined) return false;
      const share = records.feedbackOn(call);
      if (call.sample === undefined) call.sample = addSample({ share, value: score, nowMs: clock.now() });
      else replaceSample({ share, sample: call.sample, value: score });
      return true;
    },
  };
}
