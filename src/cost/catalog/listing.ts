import type { Provider } from '@pydantic/genai-prices';
import type { Price } from '../price/price.ts';
import { catalogProviderOf } from '../price/provider-id.ts';
import type { CatalogPrice, CatalogQuery, Found } from './catalog-price.ts';
import { findAt, type LoadedList } from './listed-price.ts';
import { readModelPath } from './model-path.ts';
import { overlay } from './overlay.ts';

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
  const list = { calcPrice, byId, isOwn: providers !== undefined, priceDate };
  // The library's own matching of provider names knows more spellings, for prefixes that aggregators use.
  const idOf = (name: string) => (byId.has(name) ? name : findProvider({ providerId: name })?.id);
  return {
    find: query => find({ ...query, list, idOf }),
    list: provider => idsOf({ bundled, provider }),
  };
}

type Query = Required<CatalogQuery> & {
  readonly list: LoadedList;
  readonly idOf: (name: string) => string | undefined;
};

function find({ provider: name, modelId: requested, atMs, list, idOf }: Query): Found {
  const provider = catalogProviderOf(name);
  const { modelId, why } = readModelPath({ provider, modelId: requested.toLowerCase() });
  if (modelId === undefined) return { why };
  const own: Found = provider === undefined ? {} : findAt({ provider, modelId, atMs, list });
  if (own.price !== undefined) return own;

  // An aggregator puts the vendor before the id: anthropic/claude-sonnet-5. Its own price is not known, the
  // vendor's is.
  let rest = modelId;
  for (let slash = rest.search(/[/:]/); slash > 0; slash = rest.search(/[/:]/)) {
    const vendor = idOf(rest.slice(0, slash));
    rest = rest.slice(slash + 1);
    const found: Found = vendor === undefined ? {} : findAt({ provider: vendor, modelId: rest, atMs, list });
    // What a vendor gives away, an aggregator may charge for.
    if (found.price !== undefined && !isFree(found.price)) return passOn(found);
  }
  const maker = provider === undefined ? makers.find(([pattern]) => pattern.test(rest))?.[1] : undefined;
  const made: Found = maker === undefined ? {} : findAt({ provider: maker, modelId: rest, atMs, list });
  if (made.price !== undefined) return passOn(made);
  const nearest = own.nearest ?? made.nearest;
  return nearest === undefined ? {} : { nearest };
}

/** The vendor's list price, at somebody who passes its model on. */
function passOn(found: CatalogPrice): CatalogPrice {
  return { ...found, flags: [...found.flags, 'vendor-list-price'] };
}

function idsOf({
  bundled,
  provider,
}: {
  readonly bundled: readonly Provider[];
  readonly provider: string | undefined;
}): readonly string[] {
  const wanted = provider === undefined ? undefined : (catalogProviderOf(provider) ?? provider);
  const ids = bundled
    .filter(({ id }) => wanted === undefined || id === wanted)
    .flatMap(({ id, models }) => models.map(model => `${id}/${model.id}`));
  const own = overlay
    .filter(({ id }) => wanted === undefined || id.startsWith(`${wanted}/`))
    .map(({ id }) => id);
  return [...new Set([...ids, ...own])].sort();
}

function isFree({ inputTokens, outputTokens }: Price): boolean {
  return inputTokens === 0 && outputTokens === 0;
}
