import type { CatalogQuery, Found } from './catalog-price.ts';
import type { Listing } from './listing.ts';

/** The list that a catalog has at the moment, with what it was asked before. */
export type HeldList = {
  /** Loads the list, unless it is there or on its way; one that failed to load is loaded again. */
  readonly load: () => Promise<void>;
  /** Undefined while no list is loaded. */
  readonly now: () => Listing | undefined;
  /** Looks a price up; undefined while no list is loaded. */
  readonly find: (query: Required<CatalogQuery>) => Found | undefined;
  readonly replace: (newer: Listing) => void;
};

/** Some prices change at half past the hour, so a lookup is remembered for half an hour at most. */
const slotMs = 30 * 60 * 1_000;
const maxModels = 500;

/** Holds a list that is loaded when it is asked for. */
export function createHeldList(loadList: () => Promise<Listing>): HeldList {
  let listing: Listing | undefined;
  let loading: Promise<void> | undefined;
  // Two maps instead of one joined key: joining takes longer than both lookups.
  const asked = new Map<string, Map<string, { readonly slot: number; readonly found: Found }>>();
  let size = 0;
  const forget = () => {
    asked.clear();
    size = 0;
  };

  return {
    load: () => {
      loading ??= loadList().then(
        loaded => {
          listing ??= loaded;
        },
        (error: unknown) => {
          loading = undefined;
          throw error;
        },
      );
      return loading;
    },
    now: () => listing,
    find: ({ provider, modelId, atMs }) => {
      if (listing === undefined) return undefined;
      const slot = Math.floor(atMs / slotMs);
      const known = asked.get(provider)?.get(modelId);
      if (known?.slot === slot) return known.found;
      const found = listing.find({ provider, modelId, atMs });
      if (size >= maxModels) forget();
      const models =
        asked.get(provider) ?? new Map<string, { readonly slot: number; readonly found: Found }>();
      if (!models.has(modelId)) size += 1;
      asked.set(provider, models.set(modelId, { slot, found }));
      return found;
    },
    replace: newer => {
      listing = newer;
      loading = Promise.resolve();
      forget();
    },
  };
}
