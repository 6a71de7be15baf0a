/** Times are counted in steps of 4 %, so a percentile is right to within 2 % however many there are. */
const factor = Math.log(1.04);

/** The step of a time in milliseconds. */
export function timeStep(ms: number): number {
  return ms <= 1 ? 0 : Math.round(Math.log(ms) / factor);
}

/** The time in the middle of a step, in milliseconds. */
export function timeOfStep(step: number): number {
  return step === 0 ? 1 : Math.round(Math.exp(step * factor));
}
