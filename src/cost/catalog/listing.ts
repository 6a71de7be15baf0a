import type { PriceCalculation, Provider } from '@pydantic/genai-prices';
import type { CostFlag } from '../cost.ts';
import type { Price } from '../price/price.ts';
import { catalogProviderOf } from '../price/provider-id.ts';
import { withCachedRate } from './cached-rate.ts';
import {
  type CatalogMiss,
  type CatalogPrice,
  type CatalogQuery,
  type Found,
  windowOf,
} from './catalog-price.ts';
import { exactWindow } from './context-window.ts';
import { findInOverlay } from './find-in-overlay.ts';
import { fromCatalog } from './from-catalog.ts';
import { isFamilyAlias, isNamedBy } from './match-guard.ts';
import { readModelPath } from './model-path.ts';
import { overlay } from './overlay.ts';
import { isRetiredTier } from './retired-tiers.ts';
import { spellings } from './spellings.ts';
import { heldSince, isStale } from './stale.ts';

/** A loaded price list; answers without a promise. */
export type Listing = {
  readonly find: (query: Required<CatalogQuery>) => Found;
  readonly list: (provider: string | undefined) => readonly string[];
};

/** The day the bundled list was published: @pydantic/genai-prices 0.1.8. */
export const bundledDate = '2026-09-23';

/**
 * Models that only their maker serves: another provider passes them on, so the maker's list price is a fair estimate.
 */
const makers: ReadonlyArray<readonly [pattern: RegExp, provider: string]> = [
  [/^claude-/, 'anthropic'],
  [/^(?:gpt-(?!oss)|chatgpt-|o[1345](?:-|$))/, 'openai'],
  [/^gemini-/, 'google'],
  [/^grok-/, 'x-ai'],
];

/** Who passes on whose models at list price. */
const passedOn: Readonly<Record<string, readonly string[]>> = {
  azure: ['openai', 'anthropic', 'x-ai'],
  google: ['anthropic'],
};

const freeOfCharge: Price = { inputTokens: 0, outputTokens: 0 };

/** Makes a listing of the bundled providers, or of others in the same format. */
export async function createListing({
  providers,
  priceDate,
}: {
  readonly providers?: readonly Provider[];
  readonly priceDate: string;
}): Promise<Listing> {
  const { calcPrice, findProvider, waitForUpdate } = await import('@pydantic/genai-prices');
  const bundled = providers ?? (await waitForUpdate()) ?? [];
  const byId = new Map(bundled.map(provider => [provider.id, provider]));
  // The library's own matching of provider names knows more spellings, for prefixes that aggregators use.
  const idOf = (name: string) => (byId.has(name) ? name : findProvider({ providerId: name })?.id);

  const exact = ({ provider, modelId, atMs }: Required<CatalogQuery>): Found => {
    const own = newest({ provider, modelId, atMs });
    if (own.price !== undefined) return own;
    for (const owner of passedOn[provider] ?? []) {
      const found = corrected({ provider: owner, modelId, atMs });
      if (found !== undefined) return found;
    }
    return own;
  };

  /**
   * A row of the overlay wins over a list made before it was read, and a list refreshed since then over the row: but
   * where that still has the row's rates, the row fills in what it lacks.
   */
  const newest = (query: Required<CatalogQuery>): Found => {
    const row = corrected(query);
    if (row?.priceDate !== undefined && row.priceDate >= priceDate) return row;
    const found = listed(query);
    if (row === undefined) return found;
    if (found.price === undefined) return row;
    return hasRatesOf({ price: found.price, other: row.price })
      ? { ...found, price: { ...row.price, ...found.price } }
      : found;
  };

  const corrected = ({ provider, modelId, atMs }: Required<CatalogQuery>): CatalogPrice | undefined => {
    const found = findInOverlay({ provider, modelId, atMs });
    if (found === undefined) return undefined;
    const { row, price } = found;
    const contextWindow = row.contextWindow ?? windowOf(listed({ provider, modelId, atMs }));
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
  };

  const listed = ({ provider, modelId, atMs }: Required<CatalogQuery>): Found => {
    let nearest: string | undefined;
    for (const spelling of spellings({ provider, modelId })) {
      const found = calculate({ provider, modelId: spelling, atMs });
      if (found === null) continue;
      const { model, provider: owner } = found;
      // An alias stays one without its `-latest`; a region is no part of the name.
      const name = provider === 'aws' ? spelling : modelId;
      if (isNamedBy({ entry: model, modelId: name })) return toFound({ found, modelId, atMs });
      nearest ??= `${owner.id}/${model.id}`;
    }
    return nearest === undefined ? nearestTo({ provider: byId.get(provider), modelId }) : { nearest };
  };

  const toFound = ({
    found: { model, model_price: rates, provider: owner },
    modelId,
    atMs,
  }: {
    readonly found: PriceCalculation;
    readonly modelId: string;
    readonly atMs: number;
  }): Found => {
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
  };

  const calculate = ({ provider, modelId, atMs }: Required<CatalogQuery>): PriceCalculation | null => {
    const own = providers === undefined ? undefined : byId.get(provider);
    if (providers !== undefined && own === undefined) return null;
    try {
      return calcPrice({}, modelId, {
        timestamp: new Date(atMs),
        ...(own === undefined ? { providerId: provider } : { provider: own }),
      });
    } catch {
      // An entry that the library refuses, which a refreshed list may have, is an entry without a price.
      return null;
    }
  };

  return {
    find: ({ provider: name, modelId: requested, atMs }) => {
      const provider = catalogProviderOf(name);
      const { modelId, why } = readModelPath({ provider, modelId: requested.toLowerCase() });
      if (modelId === undefined) return { why };
      const passOn = (found: CatalogPrice): CatalogPrice => ({
        ...found,
        flags: [...found.flags, 'vendor-list-price'],
      });
      const own: Found = provider === undefined ? {} : exact({ provider, modelId, atMs });
      if (own.price !== undefined) return own;

      // An aggregator puts the vendor before the id: anthropic/claude-sonnet-5. Its own price is not known, the
      // vendor's is.
      let rest = modelId;
      for (let slash = rest.search(/[/:]/); slash > 0; slash = rest.search(/[/:]/)) {
        const vendor = idOf(rest.slice(0, slash));
        rest = rest.slice(slash + 1);
        const found: Found = vendor === undefined ? {} : exact({ provider: vendor, modelId: rest, atMs });
        // What a vendor gives away, an aggregator may charge for.
        if (found.price !== undefined && !isFree(found.price)) return passOn(found);
      }
      const maker = provider === undefined ? makers.find(([pattern]) => pattern.test(rest))?.[1] : undefined;
      const made: Found = maker === undefined ? {} : exact({ provider: maker, modelId: rest, atMs });
      if (made.price !== undefined) return passOn(made);
      const nearest = own.nearest ?? made.nearest;
      return nearest === undefined ? {} : { nearest };
    },
    list: provider => {
      const wanted = provider === undefined ? undefined : (catalogProviderOf(provider) ?? provider);
      const ids = bundled
        .filter(({ id }) => wanted === undefined || id === wanted)
        .flatMap(({ id, models }) => models.map(model => `${id}/${model.id}`));
      const own = overlay
        .filter(({ id }) => wanted === undefined || id.startsWith(`${wanted}/`))
        .map(({ id }) => id);
      return [...new Set([...ids, ...own])].sort();
    },
  };
}

function isFree({ inputTokens, outputTokens }: Price): boolean {
  return inputTokens === 0 && outputTokens === 0;
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
