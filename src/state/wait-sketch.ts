/**
 * How long answers take to begin, as counts by length: eighty steps from 16 ms to some hours, each a fifth longer than the one
 * before. Recent ones count most. Who was cut has shown only that it takes longer; it counts for what is above.
 */
export type WaitSketch = {
  readonly answered: Float64Array;
  readonly cut: Float64Array;
  /** Waits that nothing came of within the fixed limit. */
  never: number;
  /** What one observation counts for now; it grows, which is the same as if all others shrank. */
  weight: number;
};

/** Shares of the answers that take longer than this. */
export type WaitCurve = {
  /** How many answers it rests on, recent ones counting most. */
  readonly answers: number;
  /** The time after which at most this share of the answers is still to come; `Infinity` where that is not known. */
  readonly atShare: (share: number) => number;
};

const steps = 80;
const stepsPerDoubling = 4;
const shortestMs = 16;
/** What each further observation leaves of the say of those before: the last thousand or so count. */
const kept = 0.999;
const mostWeight = 1e9;
/** So many cuts one wait in vain vouches for: they too were of requests that nothing would have come of. */
const cutsPerNever = 10;

/** Makes an empty sketch: 1.3 kB, whatever the traffic. */
export function createWaitSketch(): WaitSketch {
  return { answered: new Float64Array(steps), cut: new Float64Array(steps), never: 0, weight: 1 };
}

/** Counts a wait. */
export function addWait({
  sketch,
  waitedMs,
  end,
}: {
  readonly sketch: WaitSketch;
  readonly waitedMs: number;
  readonly end: 'answered' | 'cut' | 'never';
}): void {
  sketch.weight /= kept;
  if (sketch.weight > mostWeight) scale({ sketch, by: 1 / sketch.weight });
  if (end === 'never') {
    sketch.never += sketch.weight;
    return;
  }
  const counts = end === 'answered' ? sketch.answered : sketch.cut;
  const step = stepOf(waitedMs);
  counts[step] = (counts[step] ?? 0) + sketch.weight;
}

/**
 * What share of answers is still to come after how long: Kaplan and Meier's estimate, so that who was cut is neither left out
 * nor taken for an answer. What nothing came of has no part in it. Cuts beyond the longest known answer may have been slow
 * answers, or no answers at all: that is known only once somebody has waited in vain.
 */
export function curveOf({ answered, cut, never, weight }: WaitSketch): WaitCurve {
  const shares = new Float64Array(steps);
  let atRisk = never;
  let answers = 0;
  for (let step = 0; step < steps; step++) {
    atRisk += (answered[step] ?? 0) + (cut[step] ?? 0);
    answers += answered[step] ?? 0;
  }
  let open = 1;
  let unknown = 0;
  for (let step = 0; step < steps; step++) {
    const own = answered[step] ?? 0;
    if (own > 0) {
      open *= 1 - own / atRisk;
      unknown = 0;
    }
    unknown += cut[step] ?? 0;
    atRisk -= own + (cut[step] ?? 0);
    shares[step] = open;
  }
  const inVain = never * cutsPerNever >= unknown ? open : 0;
  return {
    answers: answers / weight,
    atShare: share => {
      const most = inVain + share * (1 - inVain);
      const step = shares.findIndex(own => own <= most + Number.EPSILON);
      return step === -1 ? Infinity : shortestMs * 2 ** ((step + 1) / stepsPerDoubling);
    },
  };
}

function stepOf(waitedMs: number): number {
  const step = Math.floor(stepsPerDoubling * Math.log2(Math.max(waitedMs, shortestMs) / shortestMs));
  return Math.min(step, steps - 1);
}

/** Keeps numbers in range; relations stay as they are. */
function scale({ sketch, by }: { readonly sketch: WaitSketch; readonly by: number }): void {
  for (const counts of [sketch.answered, sketch.cut])
    for (const [step, count] of counts.entries()) counts[step] = count * by;
  sketch.never *= by;
  sketch.weight *= by;
}
