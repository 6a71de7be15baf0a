import type { PricedModel } from '../attempt/meter.ts';
import type { CatalogPrice } from '../catalog/catalog-price.ts';
import type { Price, Prices } from './price.ts';
import { findUserPrice } from './user-price.ts';

/** Finds the price that a candidate or the user's prices name; undefined where neither does. */
export type FindOwnPrice = (wanted: {
  readonly model: PricedModel;
  /** The model id the provider answered with. */
  readonly served?: string | undefined;
}) => CatalogPrice | undefined;

const maxRemembered = 1_000;

/** Makes a finder over the user's prices. It remembers what it found, for a bounded number of models. */
export function createOwnPrices(prices: Prices): FindOwnPrice {
  const hasPrices = Object.keys(prices).length > 0;
  const byProvider = new Map<string, Map<string, CatalogPrice | undefined>>();
  let size = 0;
  // Candidates that share a price object take turns in its one place; that costs time, nothing else.
  const ofCandidates = new WeakMap<Price, { readonly model: PricedModel; readonly found: CatalogPrice }>();

  const candidatePrice = ({ model, price }: { readonly model: PricedModel; readonly price: Price }) => {
    const { provider, modelId } = model;
    const known = ofCandidates.get(price);
    if (known?.model.modelId === modelId && known.model.provider === provider) return known.found;
    const found = fromSettings({ price, priceOf: `${provider}/${modelId}` });
    ofCandidates.set(price, { model: { provider, modelId }, found });
    return found;
  };

  return ({ model, served }) => {
    const { price, provider, modelId } = model;
    if (price !== undefined) return candidatePrice({ model, price });
    if (!hasPrices) return undefined;
    const find = (modelIds: readonly string[]) => {
      const own = findUserPrice({ prices, provider, modelIds });
      return own && fromSettings({ price: own.price, priceOf: own.key });
    };
    if (served !== undefined && served !== modelId) return find([served, modelId]);
    const models = byProvider.get(provider) ?? new Map<string, CatalogPrice | undefined>();
    if (models.has(modelId)) return models.get(modelId);
    const found = find([modelId]);
    if (size < maxRemembered) {
      size += 1;
      byProvider.set(provider, models.set(modelId, found));
    }
    return found;
  };
}

function fromSettings({ price, priceOf }: { readonly price: Price; readonly priceOf: string }): CatalogPrice {
  return { price, source: 'settings', priceOf, flags: [] };
}
