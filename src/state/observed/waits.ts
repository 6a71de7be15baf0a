import type { AttemptSample, WaitKind } from './attempt-sample.ts';
import { curveOf, type WaitCurve } from './wait-curve.ts';
import { addWait, createWaitSketch, type WaitSketch } from './wait-sketch.ts';

/** A limit by what was observed, or the fixed one. */
export type LearnedLimit = {
  readonly limitMs: number;
  /** `fixed` until enough was observed, and where the answers take as long as that. */
  readonly source: 'fixed' | 'observed';
  /** How many answers it rests on; those a thousand answers ago count for a third. */
  readonly observations: number;
};

/** What is asked: of whom, for which kind of request, and the limit that holds in any case. */
export type LimitQuery = WaitKind & {
  readonly identity: object;
  /** The input is long: reading it takes a while. */
  readonly isLong: boolean;
  readonly fixedMs: number;
};

/** How long candidates take to their first output, per model object and kind of request; an entry lives as long as its model. */
export type Waits = {
  readonly record: (sample: AttemptSample) => void;
  /** So long an answer may take that one in a thousand at most takes longer. */
  readonly firstOutput: (query: LimitQuery) => LearnedLimit;
  /** After so long only one answer in twenty is still to come. */
  readonly hedge: (query: LimitQuery) => LearnedLimit;
};

type Memory = { readonly sketch: WaitSketch; curve: WaitCurve | undefined };

/** So many answers have to be seen before they count. */
const enoughAnswers = 50;
/** No limit is shorter: a lost packet on a new connection takes as long. */
const floors = { firstOutputMs: 2_000, hedgeMs: 100 };
/** The share of answers that may take longer than the limit, half of what is promised. */
const cutShare = 0.0005;
/** Nobody is cut much sooner than any of the last two thousand answers took. */
const seenShare = 0.0004;
const seenMargin = 1.25;
const hedgeShare = 0.05;

/** Makes an empty memory: at most eight sketches of 2.7 kB a model, of which most need two. */
export function createWaits(): Waits {
  const memories = new WeakMap<object, Map<string, Memory>>();
  const curveFor = (query: LimitQuery): WaitCurve | undefined => {
    const memory = memories.get(query.identity)?.get(keyOf(query));
    if (memory !== undefined) memory.curve ??= curveOf(memory.sketch);
    return memory?.curve;
  };
  const limitBy = ({
    query,
    floorMs,
    estimate,
  }: {
    readonly query: LimitQuery;
    readonly floorMs: number;
    readonly estimate: (curve: WaitCurve) => number;
  }): LearnedLimit => {
    const curve = curveFor(query);
    const { answers = 0 } = curve ?? {};
    const { fixedMs } = query;
    const learnedMs =
      curve === undefined || answers < enoughAnswers || curve.isInOutage
        ? Infinity
        : Math.max(floorMs, Math.ceil(estimate(curve)));
    return {
      limitMs: Math.min(fixedMs, learnedMs),
      source: learnedMs < fixedMs ? 'observed' : 'fixed',
      observations: Math.round(answers),
    };
  };

  return {
    record: sample => {
      const end = endOf(sample);
      if (end === undefined) return;
      const own = memories.get(sample.identity) ?? new Map<string, Memory>();
      memories.set(sample.identity, own);
      const key = keyOf({ ...sample, isThinking: sample.isThinking || sample.hasThought });
      const memory = own.get(key) ?? { sketch: createWaitSketch(), curve: undefined };
      own.set(key, memory);
      memory.curve = undefined;
      addWait({ sketch: memory.sketch, ...end });
    },
    firstOutput: query => limitBy({ query, floorMs: floors.firstOutputMs, estimate: longestAnswer }),
    hedge: query => limitBy({ query, floorMs: floors.hedgeMs, estimate: curve => curve.atShare(hedgeShare) }),
  };
}

/**
 * Goes on from the longest tenth of the answers that enough were seen of, as steep as it rose to there: as a power law does,
 * and no tail of answers that was looked at is heavier for long. And not below what was seen.
 */
function longestAnswer({ answers, isDoubtful, atShare }: WaitCurve): number {
  const seenMs = seenMargin * atShare(seenShare);
  // Somebody was cut, and nobody knows yet what for.
  if (isDoubtful || seenMs === Infinity) return Infinity;
  const near = Math.max(0.01, 5 / answers);
  const far = Math.min(10 * near, 0.5);
  const [nearMs, farMs] = [atShare(near), atShare(far)];
  const steepness = Math.log(nearMs / farMs) / Math.log(far / near);
  return Math.max(nearMs * (near / cutShare) ** steepness, seenMs);
}

/** How a wait ended; undefined where it says nothing: what failed has no time of its own. */
function endOf({
  type,
  outcome,
  failure,
  firstChunkMs,
  durationMs,
  fixedMs,
}: AttemptSample): Omit<Parameters<typeof addWait>[0], 'sketch'> | undefined {
  const isAnswered = firstChunkMs !== undefined && (type === 'stream' || outcome !== 'failure');
  if (!isAnswered && outcome === 'failure' && failure?.kind !== 'timeout') return undefined;
  const waitedMs = firstChunkMs ?? durationMs;
  // A clock that was set back in between tells nothing.
  if (waitedMs < 0) return undefined;
  if (waitedMs >= fixedMs) return { waitedMs, end: 'never' };
  return { waitedMs, end: isAnswered ? 'answered' : outcome === 'failure' ? 'cut' : 'left' };
}

function keyOf({ type, isThinking, isLong }: WaitKind & Pick<LimitQuery, 'isLong'>): string {
  return `${type}${isThinking ? ' thinking' : ''}${isLong ? ' long' : ''}`;
}
