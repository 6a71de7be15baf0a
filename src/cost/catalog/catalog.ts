import * as z from 'zod';
import { refuse } from '../../boundary/check.ts';
import { lazily } from '../../boundary/lazily.ts';
import { type Prices, parsePrices } from '../price/price.ts';
import { findUserPrice } from '../price/user-price.ts';
import { type CatalogMiss, type CatalogPrice, type CatalogQuery, windowOf } from './catalog-price.ts';
import type { Listing } from './listing.ts';
import { createMemory } from './memory.ts';
import type { PriceList } from './price-list.ts';

/** Where new prices come from: a place that the user names, nothing else. */
export type CatalogSource =
  /** The newest list of the genai-prices project, fetched once, now, from where its package says it is published. */
  | 'genai-prices'
  | {
      /** Fetched once, now; JSON in the format of genai-prices (`data.json`). */ readonly url: string;
      readonly fetch?: typeof fetch;
    }
  | { /** Called once, now; returns what such a file holds. */ readonly source: () => unknown };

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

/** Some prices change at half past the hour, so a lookup is remembered for half an hour at most. */
const slotMs = 30 * 60 * 1_000;

const providersSchema = lazily(() =>
  z
    .array(
      z.looseObject({
        id: z.string(),
        models: z.array(
          z.looseObject({ id: z.string(), match: z.record(z.string(), z.unknown()), prices: z.unknown() }),
        ),
      }),
    )
    .refine(providers => providers.some(({ models }) => models.length > 0), { error: 'has no models' }),
);

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
  let overrides: Prices | undefined =
    prices === undefined ? undefined : parsePrices({ prices, option: 'prices' });
  let listing: Listing | undefined;
  let loading: Promise<void> | undefined;
  let refreshes = 0;
  let newest = 0;
  const memory = createMemory();

  const load = (): Promise<void> => {
    loading ??= findList()
      .then(list => list.load())
      .then(
        loaded => {
          listing ??= loaded;
        },
        (error: unknown) => {
          // The next lookup may try again; a chunk that failed to load once can load later.
          loading = undefined;
          throw error;
        },
      );
    return loading;
  };

  const lookUpNow = ({
    provider,
    modelId,
    atMs = now(),
  }: CatalogQuery): CatalogPrice | CatalogMiss | undefined => {
    const own = overrides && findUserPrice({ prices: overrides, provider, modelIds: [modelId] });
    const found = findListed({ provider, modelId, atMs });
    if (own === undefined) return found;
    const contextWindow = windowOf(found);
    return {
      price: own.price,
      source: 'settings',
      priceOf: own.key,
      ...(contextWindow !== undefined && { contextWindow }),
      flags: [],
    };
  };

  const findListed = ({
    provider,
    modelId,
    atMs,
  }: Required<CatalogQuery>): CatalogPrice | CatalogMiss | undefined => {
    if (listing === undefined) return undefined;
    const slot = Math.floor(atMs / slotMs);
    const known = memory.recall({ provider, modelId, slot });
    if (known !== undefined) return known;
    const found = listing.find({ provider, modelId, atMs });
    memory.keep({ provider, modelId, slot, found });
    return found;
  };

  return {
    load,
    lookUpNow,
    lookUp: async query => {
      const found = lookUpNow(query);
      if (found !== undefined) return found;
      await load();
      return lookUpNow(query) ?? {};
    },
    list: async ({ provider } = {}) => {
      if (listing === undefined) await load();
      return listing?.list(provider) ?? [];
    },
    override: more => {
      overrides = { ...overrides, ...parsePrices({ prices: more, option: 'override' }) };
    },
    refresh: async from => {
      refreshes += 1;
      const mine = refreshes;
      const list = await findList();
      const data = await read({ from, list });
      const parsed = providersSchema().safeParse(data);
      if (!parsed.success) {
        throw new TypeError(
          `The price list is not in the genai-prices format: ${parsed.error.issues[0]?.path.map(String).join('.') || 'it'} ${parsed.error.issues[0]?.message}. The old prices stay.`,
        );
      }
      const fresh = await list.load({
        providers: parsed.data,
        priceDate: new Date(now()).toISOString().slice(0, 10),
      });
      // A slow answer to an earlier call must not replace the list of a later one.
      if (mine > newest) {
        newest = mine;
        listing = fresh;
        loading = Promise.resolve();
        memory.clear();
      }
      return { models: parsed.data.reduce((sum, { models }) => sum + models.length, 0) };
    },
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

async function read({
  from,
  list,
}: {
  readonly from: CatalogSource;
  readonly list: PriceList;
}): Promise<unknown> {
  if (from === 'genai-prices') return fetchJson({ url: await list.newestUrl() });
  if (typeof from === 'object' && from !== null && 'url' in from && typeof from.url === 'string')
    return fetchJson(from);
  if (typeof from === 'object' && from !== null && 'source' in from && typeof from.source === 'function')
    return from.source();
  return refuse({
    path: ['refresh'],
    value: from,
    problem: "must be 'genai-prices', { url } or { source }, a function that returns the list",
  });
}

async function fetchJson({
  url,
  fetch: send = fetch,
}: {
  readonly url: string;
  readonly fetch?: typeof fetch;
}): Promise<unknown> {
  const response = await send(url);
  if (!response.ok)
    throw new TypeError(`The price list at ${url} answered ${response.status}. The old prices stay.`);
  return response.json();
}
