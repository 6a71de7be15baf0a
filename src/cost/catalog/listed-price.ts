import type { calcPrice, PriceCalculation, Provider } from '@pydantic/genai-prices';
import type { CostFlag } from '../cost.ts';
import type { Price } from '../price/price.ts';
import {
  type CatalogMiss,
  type CatalogPrice,
  type CatalogQuery,
  type Found,
  windowOf,
} from './catalog-price.ts';
import { findInOverlay } from './find-in-overlay.ts';
import { fromCatalog } from './from-catalog.ts';
import { exactWindow, isRetiredTier, withCachedRate } from './list-corrections.ts';
import { isFamilyAlias, isNamedBy } from './match-guard.ts';
import { spellings } from './spellings.ts';
import { heldSince, isStale } from './stale.ts';

/** A list of providers with the code that reads it. */
export type LoadedList = {
  readonly calcPrice: typeof calcPrice;
  readonly byId: ReadonlyMap<string, Provider>;
  /** True where the list is not the one that came with its library. */
  readonly isOwn: boolean;
  readonly priceDate: string;
};

/** Which model of a list, with the catalog's id of its provider. */
type Listed = Required<CatalogQuery> & { readonly list: LoadedList };

/** Who passes on whose models at list price. */
const passedOn: Readonly<Record<string, readonly string[]>> = {
  azure: ['openai', 'anthropic', 'x-ai'],
  google: ['anthropic'],
};

const freeOfCharge: Price = { inputTokens: 0, outputTokens: 0 };

/** Finds the price of a model at the provider that it was asked of. */
export function findAt(query: Listed): Found {
  const own = newest(query);
  if (own.price !== undefined) return own;
  for (const owner of passedOn[query.provider] ?? []) {
    const found = corrected({ ...query, provider: owner });
    if (found !== undefined) return found;
  }
  return own;
}

/**
 * A row of the overlay wins over a list made before it was read, and a list refreshed since then over the row: but
 * where that still has the row's rates, the row fills in what it lacks.
 */
function newest(query: Listed): Found {
  const row = corrected(query);
  if (row?.priceDate !== undefined && row.priceDate >= query.list.priceDate) return row;
  const found = listed(query);
  if (row === undefined) return found;
  if (found.price === undefined) return row;
  return hasRatesOf({ price: found.price, other: row.price })
    ? { ...found, price: { ...row.price, ...found.price } }
    : found;
}

function corrected(query: Listed): CatalogPrice | undefined {
  const { provider, modelId, atMs } = query;
  const found = findInOverlay({ provider, modelId, atMs });
  if (found === undefined) return undefined;
  const { row, price } = found;
  const contextWindow = row.contextWindow ?? windowOf(listed(query));
  const flags: CostFlag[] = row.isEstimate === true ? ['price-inferred'] : [];
  if (isStale({ checked: row.checked, since: row.from, atMs })) flags.push('stale-price');
  return {
    price,
    source: 'overlay',
    priceOf: row.id,
    priceDate: row.checked,
    ...(contextWindow !== undefined && { contextWindow }),
    flags,
  };
}

function listed(query: Listed): Found {
  const { provider, modelId, atMs, list } = query;
  let nearest: string | undefined;
  for (const spelling of spellings({ provider, modelId })) {
    const found = calculate({ ...query, modelId: spelling });
    if (found === null) continue;
    const { model, provider: owner } = found;
    // An alias stays one without its `-latest`; a region is no part of the name.
    const name = provider === 'aws' ? spelling : modelId;
    if (isNamedBy({ entry: model, modelId: name })) return toFound({ found, modelId, atMs, list });
    nearest ??= `${owner.id}/${model.id}`;
  }
  return nearest === undefined ? nearestTo({ provider: list.byId.get(provider), modelId }) : { nearest };
}

function toFound({
  found: { model, model_price: rates, provider: owner },
  modelId,
  atMs,
  list: { priceDate },
}: Pick<Listed, 'modelId' | 'atMs' | 'list'> & {
  readonly found: PriceCalculation;
}): Found {
  // OpenAI serves none of its open models; the catalog has some other provider's price there.
  if ((owner.id === 'openai' || owner.id === 'azure') && model.id.startsWith('gpt-oss')) return {};
  const contextWindow = exactWindow(model);
  // An entry without rates is free only where its name says so; else nobody wrote the price down.
  const isNamedFree = Object.keys(rates).length === 0 && modelId.endsWith(':free');
  const price = isNamedFree
    ? freeOfCharge
    : fromCatalog({
        listed: rates,
        isOpenAI: /(?:^|[./])gpt-|^o\d/.test(model.id),
        isRetired: start => isRetiredTier({ modelId: model.id, start, contextWindow, atMs }),
      });
  if (price === undefined) return {};
  // Which model it named on the list's day is known, which one it names now is not.
  const flags: CostFlag[] = isFamilyAlias(modelId) ? ['price-inferred'] : [];
  if (isStale({ checked: priceDate, since: heldSince({ model, priceDate }), atMs }))
    flags.push('stale-price');
  return {
    price: withCachedRate({ price, provider: owner.id }),
    source: 'catalog',
    priceOf: `${owner.id}/${model.id}`,
    priceDate,
    ...(contextWindow !== undefined && { contextWindow }),
    flags,
  };
}

function calculate({ provider, modelId, atMs, list }: Listed): PriceCalculation | null {
  const own = list.isOwn ? list.byId.get(provider) : undefined;
  if (list.isOwn && own === undefined) return null;
  try {
    return list.calcPrice({}, modelId, {
      timestamp: new Date(atMs),
      ...(own === undefined ? { providerId: provider } : { provider: own }),
    });
  } catch {
    // An entry that the library refuses, which a refreshed list may have, is an entry without a price.
    return null;
  }
}

function hasRatesOf({ price, other }: { readonly price: Price; readonly other: Price }): boolean {
  return price.inputTokens === other.inputTokens && price.outputTokens === other.outputTokens;
}

/** The entry of a provider that shares the longest beginning with an id, as a hint. */
function nearestTo({
  provider,
  modelId,
}: {
  readonly provider: Provider | undefined;
  readonly modelId: string;
}): CatalogMiss {
  let nearest: string | undefined;
  let longest = 3;
  for (const { id } of provider?.models ?? []) {
    let length = 0;
    while (length < id.length && id[length] === modelId[length]) length++;
    if (length > longest) [nearest, longest] = [id, length];
  }
  return nearest === undefined ? {} : { nearest: `${provider?.id}/${nearest}` };
}
