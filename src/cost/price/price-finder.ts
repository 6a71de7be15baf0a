import type { PricedModel } from '../attempt/meter.ts';
import type { PriceCatalog } from '../catalog/catalog.ts';
import type { CatalogMiss, CatalogPrice, Found } from '../catalog/catalog-price.ts';
import type { LoadOutcome } from '../load-wait.ts';
import type { FindOwnPrice } from './own-price.ts';

/** What to find a price for. */
type Wanted = {
  readonly model: PricedModel;
  /** The model id the provider answered with. */
  readonly served: string | undefined;
  readonly atMs: number;
};

/** Finds prices: the candidate's, the user's, then the catalog's. */
export type PriceFinder = {
  /** The user's price wherever it was set: also in the catalog. */
  readonly findSet: (wanted: Wanted) => Found | undefined;
  /** A promise only while the catalog is still loading, and for no longer than a call may wait. */
  readonly find: (wanted: Wanted) => Found | Promise<Found>;
};

/** Where prices are found. */
export type PriceSources = {
  readonly findOwn: FindOwnPrice;
  readonly catalog: PriceCatalog | undefined;
  readonly waitForList: () => Promise<LoadOutcome>;
};

/** A list that cannot be loaded, or not in time, is a list without the model. */
const missOf: Readonly<Record<LoadOutcome, CatalogMiss>> = {
  there: {},
  late: { why: 'the price list did not come in time' },
  failed: { why: 'the price list could not be loaded' },
};

/** Makes a finder over the user's prices and a catalog. */
export function createPriceFinder({ findOwn, catalog, waitForList }: PriceSources): PriceFinder {
  const find: PriceFinder['find'] = wanted => {
    const found = findOwn(wanted) ?? (catalog === undefined ? {} : findListed({ ...wanted, catalog }));
    if (found !== undefined || catalog === undefined) return found ?? {};
    return waitForList().then(outcome => findListed({ ...wanted, catalog }) ?? missOf[outcome]);
  };
  return {
    findSet: wanted => findOwn(wanted) ?? (catalog && findSetIn({ ...wanted, catalog })),
    find,
  };
}

type Listed = Wanted & { readonly catalog: PriceCatalog };

/** What the catalog says of the model that answered, else of the one that was asked; undefined while it loads. */
function findListed(wanted: Listed): Found | undefined {
  const { catalog, model, served, atMs } = wanted;
  const { provider, modelId } = model;
  if (served === undefined || isSameId({ served, modelId }))
    return catalog.lookUpNow({ provider, modelId, atMs });
  const set = findSetIn(wanted);
  if (set !== undefined) return set;
  const byServed = catalog.lookUpNow({ provider, modelId: served, atMs });
  if (byServed === undefined || (byServed.price !== undefined && isCertain(byServed))) return byServed;
  const byRequested = catalog.lookUpNow({ provider, modelId, atMs });
  if (byRequested?.price === undefined)
    return byServed.price === undefined ? (byRequested ?? byServed) : byServed;
  if (byServed.price !== undefined) return byServed;
  return { ...byRequested, flags: [...byRequested.flags, 'served-model-unpriced'] };
}

/** Chooses as among the prices of a setting: an exact key, else the served id's pattern. */
function findSetIn({ catalog, model: { provider, modelId }, served = modelId, atMs }: Listed) {
  const set = [served, modelId]
    .map(id => catalog.lookUpNow({ provider, modelId: id, atMs }))
    .filter(isSetByUser);
  return set.find(({ priceOf }) => !priceOf.endsWith('*')) ?? set[0];
}

/** `anthropic/claude-sonnet-5` answered for `claude-sonnet-5` is the same model, named by an aggregator. */
function isSameId({ served, modelId }: { readonly served: string; readonly modelId: string }): boolean {
  return served === modelId || served.endsWith(`/${modelId}`) || modelId.endsWith(`/${served}`);
}

function isSetByUser(found: Found | undefined): found is CatalogPrice {
  return found?.price !== undefined && found.source === 'settings';
}

function isCertain({ flags }: CatalogPrice): boolean {
  return !flags.includes('vendor-list-price');
}
