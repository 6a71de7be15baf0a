import type { CostFlag } from '../cost.ts';
import type { TokenCounts } from './bucket.ts';

/** Tokens that share one model's rates and one long-context test. */
export type Share = {
  readonly counts: TokenCounts;
  /** The model they are billed at, where it is not the model of the request. */
  readonly modelId?: string;
  /** Input of the one model call behind these tokens, where that is not the sum of the input buckets. */
  readonly tierInputTokens?: number;
};

/** What a provider's usage says, as disjoint billable buckets. */
export type Reading = {
  readonly shares: readonly Share[];
  readonly flags: readonly CostFlag[];
  /** False where the provider said nothing about the input; never because it said 0. */
  readonly inputKnown: boolean;
  /** False where the provider said nothing about the output; never because it said 0. */
  readonly outputKnown: boolean;
};

/** A reading that says nothing. */
export const nothingRead: Reading = { shares: [], flags: [], inputKnown: false, outputKnown: false };
