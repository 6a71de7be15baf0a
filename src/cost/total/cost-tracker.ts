import * as z from 'zod/v4';
import { check, strictOptions } from '../../boundary/check.ts';
import { lazily } from '../../boundary/lazily.ts';
import type { Cost } from '../cost.ts';
import { type CostTotal, createRunningTotal, type RunningTotal } from './total.ts';

/** A request to a classifying model, as the tracker needs it. */
type TrackedClassification = { readonly modelId: string; readonly cost: Cost };

/** One attempt of a call, as the tracker needs it. */
export type TrackedAttempt = {
  readonly candidate: string;
  readonly modelId: string;
  readonly cost: Cost;
  /** The attempts of a candidate that is itself a composite; its models are theirs. */
  readonly nested?: {
    readonly attempts: ReadonlyArray<TrackedAttempt>;
    readonly classification?: TrackedClassification;
  };
};

/** What the tracker needs of a call's end; `onCallEnd` events have it. */
export type TrackedCall = {
  readonly task: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly attempts: ReadonlyArray<TrackedAttempt>;
  /** What classifying cost, which is part of `cost`; it counts for its model, and for no candidate. */
  readonly classification?: TrackedClassification;
  readonly cost: CostTotal;
  /** Milliseconds since the epoch; the call counts in the window in which it started. */
  readonly startedAtMs: number;
};

/** The totals of one window of time. */
export type CostWindow = {
  readonly fromMs: number;
  readonly toMs: number;
  readonly calls: number;
  readonly total: CostTotal;
};

/** Totals so far, as plain JSON. */
export type CostSnapshot = {
  readonly calls: number;
  readonly total: CostTotal;
  readonly byTask: Readonly<Record<string, CostTotal>>;
  readonly byCandidate: Readonly<Record<string, CostTotal>>;
  /** By the model that served, a classifying model included; the parts add up to `total`. */
  readonly byModel: Readonly<Record<string, CostTotal>>;
  /** By `name=value` of the call's tags; a `=` or `\` in a name has a `\` before it. */
  readonly byTag: Readonly<Record<string, CostTotal>>;
  /** The latest windows that had calls, the oldest first. */
  readonly windows: ReadonlyArray<CostWindow>;
};

/** An observer that adds up what calls cost; pass its `onCallEnd` to `createComposite`. */
export type CostTracker = {
  /** Adds a call; goes into the settings of a composite. */
  readonly onCallEnd: (call: TrackedCall) => void;
  /** The totals so far. */
  readonly snapshot: () => CostSnapshot;
  /** Forgets all totals. */
  readonly reset: () => void;
};

/** What a tracker keeps; all are whole numbers of at least 1. */
export type CostTrackerSettings = {
  /**
   * Names kept of each sort; what comes after, and names of more than 256 characters, are summed under `(other)`.
   * Default: 1,000.
   */
  readonly maxKeys?: number;
  /** Length of a window of time, counted from the epoch. Default: one hour. */
  readonly windowMs?: number;
  /** Windows kept; older ones are dropped. Default: 168, a week of hours. */
  readonly maxWindows?: number;
};

const other = '(other)';
const maxKeyLength = 256;
const settingsSchema = lazily(() => {
  const atLeastOne = z.int('must be a whole number').min(1, 'must be at least 1').optional();
  return strictOptions({
    maxKeys: atLeastOne,
    windowMs: atLeastOne,
    maxWindows: atLeastOne,
  } satisfies Record<keyof CostTrackerSettings, z.ZodType>);
});

/**
 * Makes a tracker, bounded in memory however many calls it sees. Throws `InvalidArgumentError` on settings that cannot
 * work.
 *
 * @example
 * const tracker = createCostTracker();
 * const ai = createComposite({ tasks, onCallEnd: tracker.onCallEnd });
 */
export function createCostTracker(settings: CostTrackerSettings = {}): CostTracker {
  check({ schema: settingsSchema(), value: settings, path: ['createCostTracker'] });
  const { maxKeys = 1_000, windowMs = 3_600_000, maxWindows = 168 } = settings;
  const totals = () => createTotals({ maxKeys });
  let calls = 0;
  let total = createRunningTotal();
  let [byTask, byCandidate, byModel, byTag] = [totals(), totals(), totals(), totals()];
  let windows = createWindows({ windowMs, maxWindows });

  const addModels = ({
    attempts,
    classification,
  }: {
    readonly attempts: ReadonlyArray<TrackedAttempt>;
    readonly classification?: TrackedClassification;
  }): void => {
    if (classification !== undefined) byModel.add({ key: classification.modelId, cost: classification.cost });
    for (const { modelId, cost, nested } of attempts) {
      if (nested === undefined) byModel.add({ key: modelId, cost });
      else addModels(nested);
    }
  };

  return {
    onCallEnd: call => {
      const { task, tags = {}, attempts, cost } = call;
      calls += 1;
      total.add(cost);
      byTask.add({ key: task, cost });
      for (const [name, value] of Object.entries(tags))
        byTag.add({ key: `${name.replace(/[\\=]/g, '\\$&')}=${value}`, cost });
      for (const attempt of attempts) byCandidate.add({ key: attempt.candidate, cost: attempt.cost });
      addModels(call);
      windows.add(call);
    },
    snapshot: () => ({
      calls,
      total: total.total(),
      byTask: byTask.read(),
      byCandidate: byCandidate.read(),
      byModel: byModel.read(),
      byTag: byTag.read(),
      windows: windows.read(),
    }),
    reset: () => {
      calls = 0;
      total = createRunningTotal();
      [byTask, byCandidate, byModel, byTag] = [totals(), totals(), totals(), totals()];
      windows = createWindows({ windowMs, maxWindows });
    },
  };
}

type Windows = {
  readonly add: (call: TrackedCall) => void;
  readonly read: () => ReadonlyArray<CostWindow>;
};

function createWindows({
  windowMs,
  maxWindows,
}: Required<Pick<CostTrackerSettings, 'windowMs' | 'maxWindows'>>): Windows {
  const windows = new Map<number, { calls: number; readonly total: RunningTotal }>();
  return {
    add: ({ startedAtMs, cost }) => {
      const from = Math.floor(startedAtMs / windowMs) * windowMs;
      const window = windows.get(from) ?? { calls: 0, total: createRunningTotal() };
      window.calls += 1;
      window.total.add(cost);
      windows.set(from, window);
      if (windows.size > maxWindows) windows.delete(earliest(windows.keys()));
    },
    read: () =>
      [...windows]
        .sort(([one], [two]) => one - two)
        .map(([fromMs, { calls, total }]) => ({
          fromMs,
          toMs: fromMs + windowMs,
          calls,
          total: total.total(),
        })),
  };
}

/** By a loop: as arguments of one call, many windows would overflow the stack. */
function earliest(starts: Iterable<number>): number {
  let first = Number.POSITIVE_INFINITY;
  for (const start of starts) first = Math.min(first, start);
  return first;
}

type Totals = {
  readonly add: (entry: { readonly key: string; readonly cost: Cost | CostTotal }) => void;
  readonly read: () => Readonly<Record<string, CostTotal>>;
};

function createTotals({ maxKeys }: { readonly maxKeys: number }): Totals {
  const sums = new Map<string, RunningTotal>();
  return {
    add: ({ key, cost }) => {
      const isKept = key.length <= maxKeyLength && (sums.has(key) || sums.size < maxKeys);
      const name = isKept ? key : other;
      const sum = sums.get(name) ?? createRunningTotal();
      sum.add(cost);
      sums.set(name, sum);
    },
    read: () => Object.fromEntries([...sums].map(([key, sum]) => [key, sum.total()])),
  };
}
