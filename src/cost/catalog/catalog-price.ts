import type { CostFlag } from '../cost.ts';
import type { Price } from '../price/price.ts';

/** A price that was found, with where it is from. */
export type CatalogPrice = {
  readonly price: Price;
  readonly source: 'settings' | 'overlay' | 'catalog';
  /** Which entry it is, as `provider/model`. */
  readonly priceOf: string;
  /** The day the price was last known to be right; absent for prices set by `override`. */
  readonly priceDate?: string;
  /** How many tokens the model's context holds, input and output together; absent where the list does not say. */
  readonly contextWindow?: number;
  readonly flags: readonly CostFlag[];
};

/** No price: the model is not listed. */
export type CatalogMiss = {
  readonly price?: undefined;
  /** The entry that comes nearest. */
  readonly nearest?: string;
  /** Why the id finds no model, where it names something else. */
  readonly why?: string;
};

/** A price, or why there is none. */
export type Found = CatalogPrice | CatalogMiss;

/** The context window of what a lookup found, in tokens; undefined where the list does not say. */
export function windowOf(found: Found | undefined): number | undefined {
  return found?.price === undefined ? undefined : found.contextWindow;
}

/** What to look up. */
export type CatalogQuery = {
  /** The model's `provider`, such as `openai.responses` or `openai`. */
  readonly provider: string;
  readonly modelId: string;
  /** The moment the price should hold for, in milliseconds since the epoch. Default: now. */
  readonly atMs?: number;
};
