import type { Price, PriceTier, Rates } from '../price.ts';

/** A price as the catalog knows it. */
export type CatalogPrice = { readonly price: Price; readonly priceOf: string; readonly estimated: boolean };

type GenaiPrices = typeof import('@pydantic/genai-prices');
type ModelPrice = NonNullable<ReturnType<GenaiPrices['calcPrice']>>['model_price'];

/** Looks up list prices. Answers without a promise once the catalog is loaded. */
export type Catalog = {
  readonly lookUp: (model: {
    readonly provider: string;
    readonly modelId: string;
    readonly nowMs: number;
  }) => CatalogPrice | undefined | Promise<CatalogPrice | undefined>;
};

const maxRemembered = 500;
const hourMs = 3_600_000;

let loading: Promise<GenaiPrices> | undefined;
let loaded: GenaiPrices | undefined;

/**
 * The prices of `@pydantic/genai-prices`, loaded at the first lookup (it takes a tenth of a second and 20 MB) and
 * remembered per provider, model id and hour, since some prices depend on the date.
 */
export function createCatalog(): Catalog {
  const remembered = new Map<string, CatalogPrice | undefined>();
  return {
    lookUp: ({ provider, modelId, nowMs }) => {
      const key = `${provider}|${modelId}|${Math.floor(nowMs / hourMs)}`;
      if (remembered.has(key)) return remembered.get(key);
      const find = (genai: GenaiPrices) => {
        const price = findPrice({ genai, provider, modelId, nowMs });
        if (remembered.size >= maxRemembered) remembered.clear();
        remembered.set(key, price);
        return price;
      };
      return loaded === undefined ? load().then(find) : find(loaded);
    },
  };
}

function load(): Promise<GenaiPrices> {
  loading ??= import('@pydantic/genai-prices').then(module => {
    loaded = module;
    return module;
  });
  return loading;
}

function findPrice({
  genai,
  provider,
  modelId,
  nowMs,
}: {
  readonly genai: GenaiPrices;
  readonly provider: string;
  readonly modelId: string;
  readonly nowMs: number;
}): CatalogPrice | undefined {
  const vendor = provider.split('.')[0] ?? provider;
  const own = priceOf({ genai, providerId: vendor, modelId, nowMs });
  if (own !== undefined) return { ...own, estimated: false };
  // An aggregator's `anthropic/claude-…` is priced as the vendor lists it, which the aggregator may not charge.
  const slash = modelId.indexOf('/');
  const guess =
    slash === -1
      ? vendorsByPrefix.find(([prefix]) => modelId.startsWith(prefix))?.[1]
      : modelId.slice(0, slash);
  const bare = slash === -1 ? modelId : modelId.slice(slash + 1);
  const listed =
    guess === undefined ? undefined : priceOf({ genai, providerId: guess, modelId: bare, nowMs });
  return listed === undefined ? undefined : { ...listed, estimated: true };
}

/** Whose list a bare model id is looked up in when its provider has none, as at an openai-compatible reseller. */
const vendorsByPrefix: ReadonlyArray<readonly [prefix: string, vendor: string]> = [
  ['claude-', 'anthropic'],
  ['gpt-', 'openai'],
  ['gemini-', 'google'],
  ['grok-', 'x-ai'],
  ['deepseek-', 'deepseek'],
  ['kimi-', 'moonshotai'],
];

function priceOf({
  genai,
  providerId,
  modelId,
  nowMs,
}: {
  readonly genai: GenaiPrices;
  readonly providerId: string;
  readonly modelId: string;
  readonly nowMs: number;
}): { readonly price: Price; readonly priceOf: string } | undefined {
  const provider = genai.findProvider({ providerId });
  if (provider === undefined || (provider.id !== providerId && aliases[providerId] !== provider.id))
    return undefined;
  const found = genai.calcPrice({}, modelId, { providerId: provider.id, timestamp: new Date(nowMs) });
  if (found === null || !isSameModel({ asked: modelId, found: found.model.id })) return undefined;
  const price = toPrice({ model: found.model_price, isInclusive: provider.id === 'x-ai' });
  return price === undefined ? undefined : { price, priceOf: `${provider.id}/${found.model.id}` };
}

const aliases: Readonly<Record<string, string>> = {
  xai: 'x-ai',
  vertex: 'google',
  'google-vertex': 'google',
  gemini: 'google',
};

/**
 * The match guard: the catalog's prefix rules would price a successor as its ancestor, `claude-sonnet-5-5` as
 * `claude-sonnet-5`. Only the very id counts, or a dated, `-latest` or `-preview` snapshot of it.
 */
function isSameModel({ asked, found }: { readonly asked: string; readonly found: string }): boolean {
  const snapshot = /(?:-latest|-preview|[-@]\d{8}|-\d{4}-\d{2}-\d{2}|-\d{2}-\d{4}|-\d{3,4})+$/;
  return asked === found || asked.replace(snapshot, '') === found.replace(snapshot, '');
}

const rateKeys = {
  inputTokens: 'input_mtok',
  cacheReadTokens: 'cache_read_mtok',
  cacheWriteTokens: 'cache_write_mtok',
  cacheWrite1hTokens: 'cache_write_1h_mtok',
  inputAudioTokens: 'input_audio_mtok',
  cacheReadAudioTokens: 'cache_audio_read_mtok',
  outputTokens: 'output_mtok',
  outputAudioTokens: 'output_audio_mtok',
  outputImageTokens: 'output_image_mtok',
} as const;

function toPrice({
  model,
  isInclusive,
}: {
  readonly model: ModelPrice;
  readonly isInclusive: boolean;
}): Price | undefined {
  const base: Record<string, number> = {};
  const tiers = new Map<number, Record<string, number>>();
  for (const [bucket, key] of Object.entries(rateKeys)) {
    const rate = model[key];
    if (rate === undefined) continue;
    base[bucket] = typeof rate === 'number' ? rate : rate.base;
    if (typeof rate === 'number') continue;
    for (const { start, price } of rate.tiers) tiers.set(start, { ...tiers.get(start), [bucket]: price });
  }
  const { inputTokens, outputTokens } = base;
  if (inputTokens === undefined || outputTokens === undefined) return undefined;
  const webSearch = model.web_searches_kcount;
  return {
    ...(base satisfies Rates),
    inputTokens,
    outputTokens,
    ...(tiers.size > 0 && {
      tiers: [...tiers].map(
        ([start, rates]): PriceTier => ({
          ...base,
          ...rates,
          aboveInputTokens: start,
          ...(isInclusive && { inclusive: true }),
        }),
      ),
    }),
    ...(typeof webSearch === 'number' && { uses: { webSearch: webSearch / 1000 } }),
  };
}
