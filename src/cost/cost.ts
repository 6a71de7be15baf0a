import type { TokenBucket, UseBucket } from './usage/bucket.ts';

/**
 * How much a cost can be relied on.
 *
 * `priced`: the counts are the provider's, the rates are listed or yours. `estimated`: a count or a rate had to be
 * inferred. `lower-bound`: what was counted or estimated, with something missing, such as the end of a cut stream or
 * thoughts that are not shown; the bill is probably higher. `unknown`: no price is known, so there is no amount at all; never 0.
 */
export type CostStatus = 'priced' | 'estimated' | 'lower-bound' | 'unknown';

/**
 * Where the rates come from. `provider`: the provider reported the cost itself. `settings`: the user's price.
 * `overlay`: this package's dated corrections. `catalog`: the price catalog. `not-billed`: the provider or its model
 * refused the request, which costs nothing. `cache`: a cache of the user's gave an earlier answer again, and said so.
 */
export type CostSource = 'provider' | 'settings' | 'overlay' | 'catalog' | 'not-billed' | 'cache';

/** What had to be inferred, corrected or left out; one word per fact. */
export type CostFlag =
  /** More cached tokens than input: they were counted beside the input, and are charged once. */
  | 'cache-outside-input'
  /** Cached tokens exceed the input that the total proves; the input is taken for cached. */
  | 'cached-exceeds-input'
  /** A number that cannot be a count, such as -5, was left out. */
  | 'count-invalid'
  /** Free uses of a tool are not known here, so every use is charged. */
  | 'free-allowance-ignored'
  /** The provider did not count the input. */
  | 'input-estimated'
  /** A part was billed at another model's rates, which are not known; it is left out. */
  | 'model-unpriced'
  /** Output that only the total shows, such as hidden thoughts. */
  | 'output-from-total'
  /** The provider did not count the output, or not all that was seen of it. */
  | 'output-estimated'
  /** The answer ended before the provider was done; what came after the end is not counted. */
  | 'output-incomplete'
  /** No rate is listed for this very thing; a related or published one stands in. */
  | 'price-inferred'
  /** Reasoning was counted beside the output, and is added to it. */
  | 'reasoning-outside-output'
  /** The output was estimated from what was seen, and the model thinks in secret: its thoughts are left out. */
  | 'reasoning-unseen'
  /** The model that answered has no known price; that of the requested one was taken. */
  | 'served-model-unpriced'
  /** A service tier was asked for and not confirmed; its price was taken. */
  | 'service-tier-requested'
  /** A service tier without a known price; the standard rates were taken. */
  | 'service-tier-unknown'
  /**
   * The list price may well have changed: it is older than 60 days and had not held longer than that when it was
   * checked, or older than a year.
   */
  | 'stale-price'
  /** The sum of several model calls is above a long-context line that each alone may be below. */
  | 'tier-uncertain'
  /** A tool was used whose fee, or whose number of uses, is not known; it is left out. */
  | 'tool-fee-unknown'
  /** The provider's numbers contradict each other. */
  | 'total-mismatch'
  /** The list price of the model's vendor, at a reseller. */
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
  /** Absent where no price is known, and for a candidate that is a composite. */
  readonly source?: CostSource;
  /**
   * The day the oldest of the list rates was last known to be right, as `YYYY-MM-DD`; absent where only the user's
   * prices or a reported cost were used.
   */
  readonly priceDate?: string;
  /** Which price it is, as `provider/model`. */
  readonly priceOf?: string;
  readonly flags?: readonly CostFlag[];
  /** For an unknown price: what would fix it. */
  readonly hint?: string;
};

/** The cost of an answer that something went wrong with on our side. */
export function failedCost(error: unknown): Cost {
  return {
    status: 'unknown',
    lineItems: [],
    hint: `Pricing failed: ${error instanceof Error ? error.message : String(error)}`,
  };
}
