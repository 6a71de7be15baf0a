/** What a request may cost at most, by the length of its answer; amounts are atto-USD. */
export type Demand = {
  /** The input, with the fee per request. */
  readonly input: bigint;
  readonly perOutputToken: bigint;
  /** The longest answer, in tokens. */
  readonly longest: number;
  /** The shortest answer that is of use, in tokens: nobody is asked for less. */
  readonly least: number;
  /** The call says itself how long its answer may be. */
  readonly isChosen: boolean;
};

/** What a request may cost at most where its answer has at most so many tokens. */
export function costOf({
  demand: { input, perOutputToken },
  outputTokens,
}: {
  readonly demand: Demand;
  readonly outputTokens: number;
}): bigint {
  return input + perOutputToken * BigInt(outputTokens);
}

/**
 * A call that does not say how long its answer may be could hold a whole budget for an answer that nobody expects to be that
 * long. Where its longest answer would take more than half of what is left, it may have this many tokens.
 */
export const usualLongest = 16_384;
