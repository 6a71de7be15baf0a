/**
 * How long answers take to begin, as counts by length: steps from 16 ms to some hours, each a tenth longer than the one before.
 * Recent ones count most. Who was cut has shown only that it takes longer; it counts for what is above. Waits without an
 * answer between them count once, however many there are: most likely they have one reason.
 */
export type WaitSketch = {
  readonly answered: Float64Array;
  readonly cut: Float64Array;
  /** Waits that nothing came of within the fixed limit. */
  never: number;
  /** What has happened since the last answer. */
  readonly row: Row;
  /** What one observation counts for now; it grows, which is the same as if all others shrank. */
  weight: number;
};

/** Waits in a row without an answer. */
type Row = {
  /** Cuts since the last answer, or since somebody waited in vain. */
  cuts: number;
  /** Where the row counts as a cut, and how much it does. */
  step: number;
  weight: number;
  hasNever: boolean;
};

/** Shares of the answers that take longer than this. */
export type WaitCurve = {
  /** How many answers it rests on, recent ones counting most. */
  readonly answers: number;
  /** The time after which at most this share of the answers is still to come; `Infinity` where that is not known. */
  readonly atShare: (share: number) => number;
  /** So many were cut in a row that somebody has to find out whether it lasts. */
  readonly isInOutage: boolean;
  /** So many were cut that somebody has to find out whether answers would have come. */
  readonly isDoubtful: boolean;
};

const steps = 160;
const stepsPerDoubling = 8;
const shortestMs = 16;
/** What each further observation leaves of the say of those before: the last thousand or so count. */
const kept = 0.999;
const mostWeight = 1e9;
/** Cuts matter where so few answers are still to come. */
const tailShare = 0.01;
/** For so many rows of cuts each of those speaks who waited longer. */
const rowsPerWitness = 2;
/** So small a share of all is what is left of a row of cuts that was long ago. */
const forgottenShare = 0.0004;
/** So many cuts in a row are taken for one outage before somebody waits again. */
const cutsPerRow = 10;

/** Makes an empty sketch: 2.7 kB, whatever the traffic. */
export function createWaitSketch(): WaitSketch {
  return {
    answered: new Float64Array(steps),
    cut: new Float64Array(steps),
    never: 0,
    row: { cuts: 0, step: 0, weight: 0, hasNever: false },
    weight: 1,
  };
}

/** Counts a wait. */
export function addWait({
  sketch,
  waitedMs,
  end,
}: {
  readonly sketch: WaitSketch;
  readonly waitedMs: number;
  /**
   * `cut` by a time limit, `left` by whoever had waited or since another candidate was quicker, `never` at the end of the fixed
   * limit.
   */
  readonly end: 'answered' | 'cut' | 'left' | 'never';
}): void {
  const { row } = sketch;
  const step = stepOf(waitedMs);
  if (end === 'answered') {
    count({ sketch, counts: 'answered', step, by: weigh(sketch) });
    Object.assign(row, { cuts: 0, step: 0, weight: 0, hasNever: false });
  } else if (end === 'left') {
    count({ sketch, counts: 'cut', step, by: weigh(sketch) });
  } else if (end === 'cut') {
    row.cuts += 1;
    if (row.hasNever || (row.weight > 0 && step <= row.step)) return;
    if (row.weight === 0) row.weight = weigh(sketch);
    else count({ sketch, counts: 'cut', step: row.step, by: -row.weight });
    row.step = step;
    count({ sketch, counts: 'cut', step, by: row.weight });
  } else {
    row.cuts = 0;
    if (row.hasNever) return;
    // Now it is known what became of the cuts before.
    if (row.weight === 0) row.weight = weigh(sketch);
    else count({ sketch, counts: 'cut', step: row.step, by: -row.weight });
    sketch.never += row.weight;
    row.hasNever = true;
  }
}

function count({
  sketch,
  counts,
  step,
  by,
}: {
  readonly sketch: WaitSketch;
  readonly counts: 'answered' | 'cut';
  readonly step: number;
  readonly by: number;
}): void {
  sketch[counts][step] = Math.max(0, (sketch[counts][step] ?? 0) + by);
}

/** What one more observation counts for. */
function weigh(sketch: WaitSketch): number {
  sketch.weight /= kept;
  if (sketch.weight > mostWeight) scale({ sketch, by: 1 / sketch.weight });
  return sketch.weight;
}

/**
 * What share of answers is still to come after how long: Kaplan and Meier's estimate, so that who was cut is neither left out
 * nor taken for an answer. What nothing came of has no part in it.
 */
export function curveOf({ answered, cut, never, row, weight }: WaitSketch): WaitCurve {
  const shares = new Float64Array(steps);
  const answers = sumFrom({ counts: answered, from: 0 });
  let atRisk = answers + never + sumFrom({ counts: cut, from: 0 });
  let open = 1;
  for (let step = 0; step < steps; step++) {
    const own = answered[step] ?? 0;
    if (own > 0) open *= 1 - own / atRisk;
    atRisk -= own + (cut[step] ?? 0);
    shares[step] = open;
  }
  // Where nobody has waited in vain, an answer may have come to everybody who was cut.
  const inVain = never > 0 ? open : 0;
  const stepAt = (share: number): number => {
    const most = inVain + share * (1 - inVain) + Number.EPSILON;
    // From its end: the longest tail is all that is ever asked for.
    let step = steps;
    while (step > 0 && (shares[step - 1] ?? 0) <= most) step -= 1;
    return step;
  };
  return {
    answers: answers / weight,
    atShare: share => {
      const step = stepAt(share);
      return step === steps ? Infinity : shortestMs * 2 ** ((step + 1) / stepsPerDoubling);
    },
    isInOutage: row.cuts >= cutsPerRow,
    isDoubtful: isDoubtful({ answered, cut, never, from: stepAt(tailShare) }),
  };
}

/** True where more was cut in the tail than those who waited longer, for an answer or in vain, can speak for. */
function isDoubtful({
  answered,
  cut,
  never,
  from,
}: Pick<WaitSketch, 'answered' | 'cut' | 'never'> & { readonly from: number }): boolean {
  if (from === steps) return true;
  let first = from;
  while (first < steps && cut[first] === 0) first += 1;
  if (first === steps) return false;
  const witnesses = never + sumFrom({ counts: answered, from: first + 1 });
  const all = sumFrom({ counts: answered, from: 0 });
  return sumFrom({ counts: cut, from: first }) > rowsPerWitness * witnesses + forgottenShare * all;
}

function sumFrom({ counts, from }: { readonly counts: Float64Array; readonly from: number }): number {
  let sum = 0;
  for (let step = from; step < steps; step++) sum += counts[step] ?? 0;
  return sum;
}

function stepOf(waitedMs: number): number {
  const step = Math.floor(stepsPerDoubling * Math.log2(Math.max(waitedMs, shortestMs) / shortestMs));
  return Math.min(step, steps - 1);
}

/** Keeps numbers in range; relations stay as they are. */
function scale({ sketch, by }: { readonly sketch: WaitSketch; readonly by: number }): void {
  for (const counts of [sketch.answered, sketch.cut])
    for (let step = 0; step < steps; step++) counts[step] = (counts[step] ?? 0) * by;
  sketch.never *= by;
  sketch.row.weight *= by;
  sketch.weight *= by;
}
