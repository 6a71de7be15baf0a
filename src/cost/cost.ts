import type { TokenBucket, UseBucket } from './bucket.ts';

/**
 * How much a cost can be relied on.
 *
 * `priced`: counts and rates are the provider's. `estimated`: a count or a rate had to be inferred. `lower-bound`: at
 * least this much; something is missing, such as the end of a stream that was cut. `unknown`: no price is known, so
 * there is no amount at all; never 0.
 */
export type CostStatus = 'priced' | 'estimated' | 'lower-bound' | 'unknown';

/**
 * Where the rates come from. `provider`: the provider reported the cost itself. `settings`: the user's price.
 * `overlay`: this package's dated corrections. `catalog`: the price catalog. `not-billed`: the provider refused the
 * request, which costs nothing.
 */
export type CostSource = 'provider' | 'settings' | 'overlay' | 'catalog' | 'not-billed';

/** What had to be inferred, corrected or left out; one word per fact. */
export type CostFlag =
  | 'cache-outside-input'
  | 'cached-exceeds-input'
  | 'count-invalid'
  | 'free-allowance-ignored'
  | 'input-estimated'
  | 'model-unpriced'
  | 'output-from-total'
  | 'output-estimated'
  | 'output-incomplete'
  | 'price-inferred'
  | 'reasoning-outside-output'
  | 'served-model-unpriced'
  | 'service-tier-requested'
  | 'service-tier-unknown'
  | 'stale-price'
  | 'tier-uncertain'
  | 'tool-fee-unknown'
  | 'total-mismatch'
  | 'vendor-list-price';

/** One line of a cost: a bucket, how much of it, and what it comes to. The lines add up to the total exactly. */
export type LineItem = {
  /** `reported` is the one line of a cost that the provider reported as a sum. */
  readonly bucket: TokenBucket | UseBucket | 'reported';
  readonly quantity: number;
  /** USD per 1M tokens, or per use, with tiers and service tiers applied; absent on a `reported` line. */
  readonly rate?: string;
  readonly usd: number;
  readonly usdExact: string;
  /** The model whose rate applies, where that is not the model of the cost (an advisor, a server-side fallback). */
  readonly modelId?: string;
};

/** The cost of one attempt; plain JSON, keys without a value are left out. */
export type Cost = {
  readonly status: CostStatus;
  /** The total in USD, the double nearest to `usdExact`; absent when unknown. */
  readonly usd?: number;
  /** The total in USD as an exact decimal string; absent when unknown. */
  readonly usdExact?: string;
  readonly lineItems: readonly LineItem[];
  readonly source?: CostSource;
  /**
   * The day the rates were last known to be right, as `YYYY-MM-DD`; absent for the user's prices and reported costs.
   */
  readonly priceDate?: string;
  /** Which price it is, as `provider/model`. */
  readonly priceOf?: string;
  readonly flags?: readonly CostFlag[];
  /** For an unknown price: what would fix it. */
  readonly hint?: string;
};
