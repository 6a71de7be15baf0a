/**
 * The price list, for bundles that have it only if they ask for it.
 *
 * @packageDocumentation
 */

import type { Provider } from '@pydantic/genai-prices';
import type { Listing } from './listing.ts';

/** Data in the format of genai-prices, and the day it is of. */
export type ListData = { readonly providers: readonly unknown[]; readonly priceDate: string };

/**
 * The list of prices that comes with this package, for `createPriceCatalog({ list })`. It is 480 kB, so bundles for a
 * browser or an edge runtime have it only where it is imported from `ai-composite/price-list`.
 */
export type PriceList = {
  /** Loads the list, or makes one of newer data. */
  readonly load: (newer?: ListData) => Promise<Listing>;
  /** Tells where the genai-prices project publishes its newest list. */
  readonly newestUrl: () => Promise<string>;
};

/**
 * The list of prices that comes with this package. Importing it loads little; the list itself is loaded at the first
 * lookup, by `import()`.
 *
 * @example
 * import { createPriceCatalog } from 'ai-composite';
 * import { priceList } from 'ai-composite/price-list';
 *
 * const catalog = createPriceCatalog({ list: priceList }); // goes into `pricing: { catalog }`
 */
export const priceList: PriceList = {
  load: async newer => {
    const { bundledDate, createListing } = await import('./listing.ts');
    if (newer === undefined) return createListing({ priceDate: bundledDate });
    // The catalog checked what lookups read; the list's own library reads the rest and refuses what it does not know.
    return createListing({ ...newer, providers: newer.providers as readonly Provider[] });
  },
  newestUrl: async () => (await import('@pydantic/genai-prices')).REMOTE_DATA_JSON_URL,
};
