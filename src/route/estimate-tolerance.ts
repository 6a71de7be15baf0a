/** By how much an estimate of tokens may be off, as a factor: the built-in estimator's mean error is 5 to 9 %. */
export const estimateTolerance = 1.1;
