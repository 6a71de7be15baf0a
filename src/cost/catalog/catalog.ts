import { refuse } from '../../boundary/check.ts';
import { type Price, type Prices, parsePrices } from '../price/price.ts';
import { findUserPrice } from '../price/user-price.ts';
import {
  type CatalogMiss,
  type CatalogPrice,
  type CatalogQuery,
  type Found,
  windowOf,
} from './catalog-price.ts';
import { createHeldList } from './held-list.ts';
import type { CatalogSource } from './newer-list.ts';
import type { PriceList } from './price-list.ts';

/** Prices of language models: looked up, listed, overridden, and refreshed when asked to. */
export type PriceCatalog = {
  /** Finds the price of a model; loads the list at first use. */
  readonly lookUp: (query: CatalogQuery) => Promise<CatalogPrice | CatalogMiss>;
  /** Finds the price of a model in a list that is loaded already; undefined while it is not. */
  readonly lookUpNow: (query: CatalogQuery) => CatalogPrice | CatalogMiss | undefined;
  /**
   * Lists the ids of the list and the overlay, as `provider/model`; not every one has a price, and overrides are not
   * among them.
   */
  readonly list: (filter?: { readonly provider?: string }) => Promise<readonly string[]>;
  /** Sets prices that win over the list; a later call wins over an earlier one. */
  readonly override: (prices: Prices) => void;
  /**
   * Replaces the list by one from the source that the caller names. Either all of it or nothing: on any failure the
   * old list stays and the promise rejects. Of calls at the same time the last one made wins, whichever answers first.
   */
  readonly refresh: (from: CatalogSource) => Promise<{ readonly models: number }>;
  /** Loads the list; lookups do it by themselves. */
  readonly load: () => Promise<void>;
};

/**
 * Makes a catalog of list prices. Nothing is loaded before the first lookup and nothing is fetched unless `refresh`
 * is called.
 *
 * @example
 * const catalog = createPriceCatalog();
 * const found = await catalog.lookUp({ provider: 'openai', modelId: 'gpt-6-sol' });
 */
export function createPriceCatalog({
  prices,
  list: ownList,
  now = Date.now,
}: {
  /** Your prices, which win over the list. */
  readonly prices?: Prices;
  /**
   * `priceList` of `ai-composite/price-list`, for a bundle that goes to a browser or an edge runtime. Default: the same
   * list, which only Node, Deno, Bun and bundles made for them have.
   */
  readonly list?: PriceList;
  /** Milliseconds since the epoch. Default: `Date.now`. */
  readonly now?: () => number;
} = {}): PriceCatalog {
  if (ownList !== undefined) checkList(ownList);
  const findList = async () => ownList ?? (await import('#price-list')).priceList;
  const held = createHeldList(async () => (await findList()).load());
  let overrides: Prices | undefined =
    prices === undefined ? undefined : parsePrices({ prices, option: 'prices' });
  let refreshes = 0;
  let newest = 0;

  const lookUpNow: PriceCatalog['lookUpNow'] = ({ provider, modelId, atMs = now() }) => {
    const own = overrides && findUserPrice({ prices: overrides, provider, modelIds: [modelId] });
    const found = held.find({ provider, modelId, atMs });
    return own === undefined ? found : setByUser({ own, found });
  };

  return {
    load: held.load,
    lookUpNow,
    lookUp: async query => {
      const found = lookUpNow(query);
      if (found !== undefined) return found;
      await held.load();
      return lookUpNow(query) ?? {};
    },
    list: async ({ provider } = {}) => {
      if (held.now() === undefined) await held.load();
      return held.now()?.list(provider) ?? [];
    },
    override: more => {
      overrides = { ...overrides, ...parsePrices({ prices: more, option: 'override' }) };
    },
    refresh: async from => {
      refreshes += 1;
      const mine = refreshes;
      const { loadNewerList } = await import('./newer-list.ts');
      const { listing, models } = await loadNewerList({ from, list: await findList(), nowMs: now() });
      // A slow answer to an earlier call must not replace the list of a later one.
      if (mine > newest) {
        newest = mine;
        held.replace(listing);
      }
      return { models };
    },
  };
}

/** A price of the user's; the context window is still the list's. */
function setByUser({
  own: { price, key },
  found,
}: {
  readonly own: { readonly price: Price; readonly key: string };
  readonly found: Found | undefined;
}): CatalogPrice {
  const contextWindow = windowOf(found);
  return {
    price,
    source: 'settings',
    priceOf: key,
    ...(contextWindow !== undefined && { contextWindow }),
    flags: [],
  };
}

function checkList(list: unknown): void {
  if (typeof list === 'object' && list !== null && 'load' in list && 'newestUrl' in list) return;
  refuse({
    path: ['list'],
    value: list,
    problem: "must be the price list: import { priceList } from 'ai-composite/price-list'",
  });
}
