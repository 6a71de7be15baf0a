import type { PriceCatalog } from '../catalog/catalog.ts';
import type { CatalogMiss, CatalogPrice, Found } from '../catalog/catalog-price.ts';
import type { ListOutcome } from '../catalog/list-wait.ts';
import type { Price, Prices } from './price.ts';
import { findUserPrice } from './user-price.ts';

type Model = { readonly provider: string; readonly modelId: string; readonly price?: Price };

/** What to find a price for. */
type Wanted = {
  readonly model: Model;
  /** The model id the provider answered with. */
  readonly served: string | undefined;
  readonly atMs: number;
};

/** Finds prices: the candidate's, the user's, then the catalog's. */
export type PriceFinder = {
  /** The candidate's or the user's price. */
  readonly findOwn: (wanted: {
    readonly model: Model;
    readonly served?: string | undefined;
  }) => Found | undefined;
  /** The user's price wherever it was set: also in the catalog. */
  readonly findSet: (wanted: Wanted) => Found | undefined;
  /** A promise only while the catalog is still loading, and for no longer than a call may wait. */
  readonly find: (wanted: Wanted) => Found | Promise<Found>;
};

/** A list that cannot be loaded, or not in time, is a list without the model. */
const missOf: Readonly<Record<ListOutcome, CatalogMiss>> = {
  there: {},
  late: { why: 'the price list did not come in time' },
  failed: { why: 'the price list could not be loaded' },
};

const maxRemembered = 100;

/** Makes a finder over the user's prices and a catalog. */
export function createPriceFinder({
  prices,
  catalog,
  waitForList,
}: {
  readonly prices: Prices;
  readonly catalog: PriceCatalog | undefined;
  readonly waitForList: () => Promise<ListOutcome>;
}): PriceFinder {
  const hasPrices = Object.keys(prices).length > 0;
  const remembered = new Map<string, Map<string, { readonly own: Found | undefined }>>();
  const remember = ({ model, own }: { readonly model: Model; readonly own: Found | undefined }) => {
    const models = remembered.get(model.provider) ?? new Map<string, { readonly own: Found | undefined }>();
    if (models.size < maxRemembered && (remembered.size < maxRemembered || remembered.has(model.provider)))
      remembered.set(model.provider, models.set(model.modelId, { own }));
  };

  // Candidates that share a price object take turns in its one place; that costs time, nothing else.
  const ofCandidates = new WeakMap<Price, Required<Model> & { readonly known: CatalogPrice }>();
  const candidatePrice = ({ price, provider, modelId }: Required<Model>): CatalogPrice => {
    const before = ofCandidates.get(price);
    if (before?.provider === provider && before.modelId === modelId) return before.known;
    const known = { price, source: 'settings', priceOf: `${provider}/${modelId}`, flags: [] } as const;
    ofCandidates.set(price, { price, provider, modelId, known });
    return known;
  };

  const findOwn: PriceFinder['findOwn'] = ({ model, served }) => {
    const { price, provider, modelId } = model;
    if (price !== undefined) return candidatePrice({ price, provider, modelId });
    if (!hasPrices) return undefined;
    const modelIds =
      served === undefined || served === model.modelId ? [model.modelId] : [served, model.modelId];
    const known =
      served === undefined || served === model.modelId
        ? remembered.get(model.provider)?.get(model.modelId)
        : undefined;
    if (known !== undefined) return known.own;
    const found = findUserPrice({ prices, provider: model.provider, modelIds });
    const own: Found | undefined = found && {
      price: found.price,
      source: 'settings',
      priceOf: found.key,
      flags: [],
    };
    if (modelIds.length === 1) remember({ model, own });
    return own;
  };

  /** Chooses as among the prices of a setting: an exact key, else the served id's pattern. */
  const setInCatalog = ({ model: { provider, modelId }, served = modelId, atMs }: Wanted) => {
    const set = [served, modelId]
      .map(id => catalog?.lookUpNow({ provider, modelId: id, atMs }))
      .filter(isSetByUser);
    return set.find(({ priceOf }) => !priceOf.endsWith('*')) ?? set[0];
  };

  const listed = (wanted: Wanted): Found | undefined => {
    if (catalog === undefined) return {};
    const {
      model: { provider, modelId },
      served,
      atMs,
    } = wanted;
    if (served === undefined || isSameId({ served, modelId }))
      return catalog.lookUpNow({ provider, modelId, atMs });
    const set = setInCatalog(wanted);
    if (set !== undefined) return set;
    const byServed = catalog.lookUpNow({ provider, modelId: served, atMs });
    if (byServed === undefined || (byServed.price !== undefined && isCertain(byServed))) return byServed;
    const byRequested = catalog.lookUpNow({ provider, modelId, atMs });
    if (byRequested?.price === undefined)
      return byServed.price === undefined ? (byRequested ?? byServed) : byServed;
    if (byServed.price !== undefined) return byServed;
    return { ...byRequested, flags: [...byRequested.flags, 'served-model-unpriced'] };
  };

  return {
    findOwn,
    findSet: wanted => findOwn(wanted) ?? setInCatalog(wanted),
    find: wanted => {
      const found = findOwn(wanted) ?? listed(wanted);
      if (found !== undefined || catalog === undefined) return found ?? {};
      return waitForList().then(outcome => listed(wanted) ?? missOf[outcome]);
    },
  };
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
