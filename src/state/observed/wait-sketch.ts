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

/** How many steps there are. */
export const steps = 160;
const stepsPerDoubling = 8;
const shortestMs = 16;
/** What each further observation leaves of the say of those before: the last thousand or so count. */
const kept = 0.999;
const mostWeight = 1e9;

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

function stepOf(waitedMs: number): number {
  const step = Math.floor(stepsPerDoubling * Math.log2(Math.max(waitedMs, shortestMs) / shortestMs));
  return Math.min(step, steps - 1);
}

/** Where a step ends. */
export function endOfStep(step: number): number {
  return shortestMs * 2 ** ((step + 1) / stepsPerDoubling);
}

/** Keeps numbers in range; relations stay as they are. */
function scale({ sketch, by }: { readonly sketch: WaitSketch; readonly by: number }): void {
  for (const counts of [sketch.answered, sketch.cut])
    for (let step = 0; step < steps; step++) counts[step] = (counts[step] ?? 0) * by;
  sketch.never *= by;
  sketch.row.weight *= by;
  sketch.weight *= by;
}
