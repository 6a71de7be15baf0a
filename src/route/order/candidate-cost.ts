/** What a request may cost at a candidate; amounts are absent where no price is known. */
export type CandidateCost = {
  /** The input alone. */
  readonly minUsd?: number;
  /** The input alone, all of it read from the prompt cache. */
  readonly minCachedUsd?: number;
  /** The input with the longest output. */
  readonly maxUsd?: number;
  /** How long that is. */
  readonly maxOutputTokens?: number;
};
