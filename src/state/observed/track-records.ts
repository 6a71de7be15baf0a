import type { Clock } from '../../boundary/clock.ts';
import type { CallType } from '../../candidate/call-options.ts';
import { InvalidAnswerError } from '../../failure/errors.ts';
import type { Failure } from '../../failure/failure.ts';
import { tripEffectOf } from '../breakers/trip-rule.ts';
import type { AttemptSample, WaitKind } from './attempt-sample.ts';
import { failurePrior, feedbackPrior, latePrior, type Merits } from './merits.ts';
import { addSample, averageOf, createShare, type Prior, type Share } from './share.ts';

/** What candidates have shown in this process, per model object; an entry lives as long as its model. */
export type TrackRecords = {
  readonly record: (sample: AttemptSample) => void;
  /** The average of what was said of a candidate's answers to a task. */
  readonly feedbackOn: (answered: Answered) => Share;
  /** Says what a candidate has shown; without a type what streams showed, else generated answers. */
  readonly merits: (query: MeritsQuery) => Merits;
};

/** A candidate on the route of a task: who is good at code need not be at poems. */
export type Answered = { readonly identity: object; readonly task: string };

type MeritsQuery = Answered &
  Pick<WaitKind, 'isThinking'> & { readonly deadlineMs: number; readonly type: CallType | undefined };

type TrackRecord = {
  attempts: number;
  askedAtMs: number | undefined;
  readonly failures: Share;
  readonly outputTokens: Share;
  /** By deadline and kind of request. */
  readonly late: Map<string, Share>;
  /** By task. */
  readonly feedback: Map<string, Share>;
};

const noPrior: Prior = { value: 0, strength: 0 };

/** Makes empty records: some 300 bytes a model, and 100 for each of its tasks and each deadline and kind of request. */
export function createTrackRecords({
  deadlines,
  clock,
}: {
  /** Those of all routes, in milliseconds. */
  readonly deadlines: ReadonlyArray<number>;
  readonly clock: Clock;
}): TrackRecords {
  const records = new WeakMap<object, TrackRecord>();
  const recordOf = (identity: object): TrackRecord => {
    const record = records.get(identity) ?? createRecord();
    records.set(identity, record);
    return record;
  };
  return {
    record: sample => count({ record: recordOf(sample.identity), sample, deadlines, nowMs: clock.now() }),
    feedbackOn: ({ identity, task }) => shareIn({ shares: recordOf(identity).feedback, key: task }),
    merits: ({ identity, task, ...query }) => {
      const record = recordOf(identity);
      const merits = meritsOf({
        record,
        task,
        late: lateIn({ late: record.late, query }),
        nowMs: clock.now(),
      });
      // Without a deadline nothing is late, whatever is assumed where there is one.
      return query.deadlineMs === Number.POSITIVE_INFINITY ? { ...merits, lateShare: 0 } : merits;
    },
  };
}

function createRecord(): TrackRecord {
  return {
    attempts: 0,
    askedAtMs: undefined,
    failures: createShare(),
    outputTokens: createShare(),
    late: new Map(),
    feedback: new Map(),
  };
}

function lateKey({ deadlineMs, type, isThinking }: WaitKind & { readonly deadlineMs: number }): string {
  return `${deadlineMs} ${type}${isThinking ? ' thinking' : ''}`;
}

function shareIn({ shares, key }: { readonly shares: Map<string, Share>; readonly key: string }): Share {
  const share = shares.get(key) ?? createShare();
  shares.set(key, share);
  return share;
}

function lateIn({
  late,
  query: { type, ...query },
}: Pick<TrackRecord, 'late'> & {
  readonly query: Omit<MeritsQuery, keyof Answered>;
}): Share | undefined {
  const of = (own: CallType) => late.get(lateKey({ ...query, type: own }));
  return type === undefined ? (of('stream') ?? of('generate')) : of(type);
}

function count({
  record,
  sample,
  deadlines,
  nowMs,
}: {
  readonly record: TrackRecord;
  readonly sample: AttemptSample;
  readonly deadlines: ReadonlyArray<number>;
  readonly nowMs: number;
}): void {
  const { outcome, failure, firstChunkMs, durationMs, outputTokens } = sample;
  record.askedAtMs = nowMs;
  if (outcome === 'success' || isItsOwn(failure)) {
    record.attempts += 1;
    addSample({ share: record.failures, value: outcome === 'success' ? 0 : 1, nowMs });
  }
  if (outcome === 'success' && outputTokens !== undefined)
    addSample({ share: record.outputTokens, value: outputTokens, nowMs });
  for (const deadlineMs of deadlines) {
    const isLate = (firstChunkMs ?? durationMs) > deadlineMs;
    // Without output its duration only says "at least".
    if (firstChunkMs === undefined && !isLate) continue;
    const key = lateKey({ ...sample, deadlineMs });
    addSample({ share: shareIn({ shares: record.late, key }), value: isLate ? 1 : 0, nowMs });
  }
}

/** True for a failure of the candidate's. A caller's mistake is none; an answer that did not pass a check of the route's is. */
function isItsOwn(failure: Failure | undefined): boolean {
  if (failure === undefined) return false;
  const isUnfit = InvalidAnswerError.isInstance(failure.error) && failure.error.code !== undefined;
  return isUnfit || tripEffectOf(failure) !== 'none';
}

function meritsOf({
  record: { attempts, askedAtMs, failures, feedback, outputTokens },
  task,
  late,
  nowMs,
}: {
  readonly record: TrackRecord;
  readonly task: string;
  readonly late: Share | undefined;
  readonly nowMs: number;
}): Merits {
  const said = feedback.get(task);
  return {
    attempts,
    failureShare: averageOf({ share: failures, prior: failurePrior, nowMs }),
    lateShare: averageOf({ share: late, prior: latePrior, nowMs }),
    feedbackScore: averageOf({ share: said, prior: feedbackPrior, nowMs }),
    feedbacks: said?.seen ?? 0,
    outputTokens:
      outputTokens.seen === 0 ? undefined : averageOf({ share: outputTokens, prior: noPrior, nowMs }),
    askedAtMs,
  };
}
