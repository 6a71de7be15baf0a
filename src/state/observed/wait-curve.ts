import { endOfStep, steps, type WaitSketch } from './wait-sketch.ts';

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

/** Cuts matter where so few answers are still to come. */
const tailShare = 0.01;
/** For so many rows of cuts each of those speaks who waited longer. */
const rowsPerWitness = 2;
/** So small a share of all is what is left of a row of cuts that was long ago. */
const forgottenShare = 0.0004;
/** So many cuts in a row are taken for one outage before somebody waits again. */
const cutsPerRow = 10;

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
      return step === steps ? Infinity : endOfStep(step);
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
