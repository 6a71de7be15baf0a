import {
  APICallError,
  type LanguageModelV4CallOptions,
  type LanguageModelV4Content,
  type LanguageModelV4StreamPart,
  type LanguageModelV4Usage,
  type SharedV4ProviderMetadata,
} from '@ai-sdk/provider';
import { estimateTokenCount } from 'tokenx';
import { priceCounts } from './arithmetic.ts';
import type { TokenCounts, UseCounts } from './bucket.ts';
import { type CatalogPrice, createCatalog } from './catalog/catalog.ts';
import type { Cost, CostFlag, CostStatus } from './cost.ts';
import { type EstimateTokens, estimateInput } from './estimate/estimate-input.ts';
import { createOutputSample } from './estimate/output-sample.ts';
import { attoFromUsd, usdFromAtto, usdTextFromAtto } from './money.ts';
import type { Price, Prices } from './price.ts';
import type { CostTotal } from './total.ts';
import { readUsage as readShares } from './usage/read-usage.ts';
import { readReportedCost } from './usage/reported-cost.ts';

type ReadUsage = { readonly counts: TokenCounts; readonly flags: readonly CostFlag[] };
function readUsage({ usage }: { readonly usage: LanguageModelV4Usage | undefined }): ReadUsage | undefined {
  const reading = readShares({ provider: '', usage });
  return reading.inputKnown || reading.outputKnown
    ? { counts: reading.shares[0]?.counts ?? {}, flags: reading.flags }
    : undefined;
}

import { readSnapshot } from './usage/usage-snapshot.ts';

/** Something about pricing that the user should know; at most once per model and type. */
export type CostWarning = {
  readonly type: 'unknown-price' | 'missing-usage';
  readonly provider: string;
  readonly modelId: string;
  readonly message: string;
};

/** How attempts are priced. */
export type PricingOptions = {
  /** USD per 1M tokens by `provider/model`, exact or with a trailing `*`. */
  readonly prices?: Prices;
  /** `false` never loads the price catalog: only your own prices count. */
  readonly catalog?: false;
  /** Estimates the tokens of a text where a provider reports none; default: `tokenx`. */
  readonly estimateTokens?: EstimateTokens;
  /** Puts your prices above a cost that the provider itself reports. Default: false. */
  readonly preferUserPrice?: boolean;
  readonly now?: () => number;
  /** Default: `console.warn`. */
  readonly onWarning?: (warning: CostWarning) => void;
};

/** A model as pricing sees it. */
export type PricedModel = { readonly provider: string; readonly modelId: string; readonly price?: Price };

/** Prices the attempts of a composite or of one model. */
export type Pricing = {
  /** Starts loading the catalog where a model needs it, so that it overlaps the request. */
  readonly prepare: (model: PricedModel) => void;
  /** Exact counts so far show in raw chunks only: ask for them, let the meter observe them, drop them again. */
  readonly wantsRawChunks: (model: PricedModel) => boolean;
  /** Estimates the input tokens of a call. */
  readonly estimateInput: (callOptions: LanguageModelV4CallOptions) => number;
  /** Meters one attempt. */
  readonly meter: (options: PricedModel & { readonly callOptions: LanguageModelV4CallOptions }) => Meter;
};

/** Watches one attempt and says in the end what it cost. */
export type Meter = {
  readonly observe: (part: LanguageModelV4StreamPart | LanguageModelV4Content) => void;
  readonly settle: (end: MeterEnd) => Cost | Promise<Cost>;
};

/** What is known of an attempt at its end. */
export type MeterEnd = {
  readonly outcome: 'success' | 'failure' | 'abort';
  readonly usage?: LanguageModelV4Usage;
  readonly providerMetadata?: SharedV4ProviderMetadata;
  readonly responseModelId?: string;
  readonly responseBody?: unknown;
  readonly error?: unknown;
};

type Found = {
  readonly price: Price;
  readonly source: 'settings' | 'catalog';
  readonly estimated: boolean;
  readonly priceOf?: string;
};

/** Makes a pricing; shared by all calls, it holds prices and remembered lookups only. */
export function createPricing(options: PricingOptions = {}): Pricing {
  const {
    prices = {},
    estimateTokens = estimateTokenCount,
    now = Date.now,
    onWarning = ({ message }) => console.warn(message),
  } = options;
  const catalog = options.catalog === false ? undefined : createCatalog();
  const warned = new Set<string>();
  const warnOnce = (warning: CostWarning) => {
    const key = `${warning.type}|${warning.provider}|${warning.modelId}`;
    if (warned.has(key) || warned.size > 1_000) return;
    warned.add(key);
    try {
      onWarning(warning);
    } catch {
      // A warning must not cost the answer.
    }
  };

  const find = (model: PricedModel): Found | undefined | Promise<Found | undefined> => {
    const own = model.price ?? userPrice({ prices, model });
    if (own !== undefined) return { price: own, source: 'settings', estimated: false };
    if (catalog === undefined) return undefined;
    const listed = catalog.lookUp({ provider: model.provider, modelId: model.modelId, nowMs: now() });
    return listed instanceof Promise ? listed.then(toFound, () => undefined) : toFound(listed);
  };

  return {
    prepare: model => {
      if (model.provider !== 'composite') void find(model);
    },
    estimateInput: ({ prompt }) => estimateInput({ prompt, estimateTokens }),
    wantsRawChunks: ({ provider }) => provider.startsWith('google'),
    meter: ({ callOptions, ...model }) => {
      const sample = createOutputSample();
      let snapshot: LanguageModelV4Usage | undefined;
      let webSearches = 0;
      return {
        observe: part => {
          switch (part.type) {
            case 'text-delta':
            case 'reasoning-delta':
            case 'tool-input-delta':
              sample.add(part.delta);
              break;
            case 'raw':
            case 'custom':
              snapshot = readSnapshot(part) ?? snapshot;
              break;
            case 'tool-result':
              // OpenAI lists page visits beside searches; only a search is billed.
              if (isWebSearch(part)) webSearches += 1;
              break;
            default:
              break;
          }
        },
        settle: end => {
          const nested = nestedCost(end.providerMetadata?.composite) ?? nestedCost(end.error);
          if (nested !== undefined) return nested;
          if (isNotBilled(end))
            return { status: 'priced', usd: 0, usdExact: '0', lineItems: [], source: 'not-billed' };
          const reported = options.preferUserPrice === true ? undefined : readReportedCost(end.usage?.raw);
          if (reported !== undefined) return fromReported(reported);
          const served = { ...model, modelId: end.responseModelId ?? model.modelId };
          const price = (found: Found | undefined) =>
            costOf({
              model,
              end,
              found,
              snapshot,
              sample,
              webSearches,
              callOptions,
              estimateTokens,
              warnOnce,
            });
          const found = find(served);
          if (found instanceof Promise) return found.then(own => own ?? find(model)).then(price);
          const other = found ?? find(model);
          return other instanceof Promise ? other.then(price) : price(other);
        },
      };
    },
  };
}

function costOf({
  model,
  end,
  found,
  snapshot,
  sample,
  webSearches,
  callOptions,
  estimateTokens,
  warnOnce,
}: {
  readonly model: PricedModel;
  readonly end: MeterEnd;
  readonly found: Found | undefined;
  readonly snapshot: LanguageModelV4Usage | undefined;
  readonly sample: ReturnType<typeof createOutputSample>;
  readonly webSearches: number;
  readonly callOptions: LanguageModelV4CallOptions;
  readonly estimateTokens: EstimateTokens;
  readonly warnOnce: (warning: CostWarning) => void;
}): Cost {
  const { provider, modelId } = model;
  if (found === undefined) {
    const hint = `prices: { '${provider.split('.')[0]}/${modelId}': { inputTokens: 0, outputTokens: 0 } }`;
    warnOnce({
      type: 'unknown-price',
      provider,
      modelId,
      message: `ai-composite: no price is known for ${provider} ${modelId}; its cost is "unknown". Set it (USD per 1M tokens): ${hint}`,
    });
    return { status: 'unknown', lineItems: [], hint };
  }
  const whole = readUsage({ usage: end.usage });
  if (whole === undefined && end.outcome === 'success') {
    warnOnce({
      type: 'missing-usage',
      provider,
      modelId,
      message: `ai-composite: ${provider} ${modelId} reported no usage, so its cost is estimated. An openai-compatible provider needs createOpenAICompatible({ includeUsage: true }).`,
    });
  }
  const cut = whole === undefined ? readUsage({ usage: snapshot }) : undefined;
  const read: ReadUsage = whole ??
    cut ?? {
      counts: nonZero({
        inputTokens: estimateInput({ prompt: callOptions.prompt, estimateTokens }),
        outputTokens: sample.estimate(estimateTokens),
      }),
      flags: ['input-estimated', 'output-estimated'],
    };
  const flags: CostFlag[] = [...read.flags, ...(found.estimated ? (['vendor-list-price'] as const) : [])];
  const uses: UseCounts = webSearches > 0 ? { webSearch: webSearches } : {};
  const { total, lineItems } = priceCounts({
    counts: read.counts,
    uses,
    price: found.price,
    serviceTier: servedTier(end.providerMetadata),
  });
  const isCut = whole === undefined && end.outcome !== 'success';
  const status: CostStatus = isCut
    ? 'lower-bound'
    : flags.some(flag => inferring.has(flag))
      ? 'estimated'
      : 'priced';
  return {
    status,
    usd: usdFromAtto(total),
    usdExact: usdTextFromAtto(total),
    lineItems,
    source: found.source,
    ...(found.priceOf !== undefined && { priceOf: found.priceOf }),
    ...(flags.length > 0 && { flags }),
  };
}

/** Flags that make an amount an estimate; the others only say what was put right. */
const inferring: ReadonlySet<CostFlag> = new Set([
  'vendor-list-price',
  'input-estimated',
  'output-estimated',
  'output-from-total',
  'cache-outside-input',
]);

function toFound(listed: CatalogPrice | undefined): Found | undefined {
  return (
    listed && { price: listed.price, source: 'catalog', estimated: listed.estimated, priceOf: listed.priceOf }
  );
}

function userPrice({
  prices,
  model: { provider, modelId },
}: {
  readonly prices: Prices;
  readonly model: PricedModel;
}): Price | undefined {
  const vendor = provider.split('.')[0] ?? provider;
  for (const prefix of [provider, vendor]) {
    const exact = prices[`${prefix}/${modelId}`];
    if (exact !== undefined) return exact;
  }
  let best: string | undefined;
  for (const key of Object.keys(prices)) {
    if (!key.endsWith('*')) continue;
    const start = key.slice(0, -1);
    const matches = `${provider}/${modelId}`.startsWith(start) || `${vendor}/${modelId}`.startsWith(start);
    if (matches && (best === undefined || key.length > best.length)) best = key;
  }
  return best === undefined ? undefined : prices[best];
}

/** A provider that answers with an HTTP error before any output bills nothing; a refused connection never reached it. */
function isNotBilled({ outcome, usage, error }: MeterEnd): boolean {
  if (outcome !== 'failure' || usage !== undefined || !APICallError.isInstance(error)) return false;
  return error.statusCode !== undefined && error.statusCode >= 400;
}

/** A candidate that is a composite has added up its own attempts, in its report or in the error it ended with. */
function nestedCost(carrier: unknown): Cost | undefined {
  const cost = typeof carrier === 'object' && carrier !== null ? Reflect.get(carrier, 'cost') : undefined;
  if (typeof cost !== 'object' || cost === null || !('status' in cost && 'incomplete' in cost))
    return undefined;
  // Only `addCosts` makes an object of this shape.
  const { status, usd, usdExact } = cost as CostTotal;
  return {
    status,
    ...(usd !== undefined && { usd }),
    ...(usdExact !== undefined && { usdExact }),
    lineItems: [],
  };
}

function fromReported(usdText: number): Cost {
  const atto = attoFromUsd(usdText);
  const [usd, usdExact] = [usdFromAtto(atto), usdTextFromAtto(atto)];
  return {
    status: 'priced',
    usd,
    usdExact,
    lineItems: [{ bucket: 'reported', quantity: 1, usd, usdExact }],
    source: 'provider',
  };
}

function servedTier(metadata: SharedV4ProviderMetadata | undefined): string | undefined {
  const tier = metadata?.openai?.serviceTier ?? metadata?.google?.serviceTier;
  return typeof tier === 'string' ? tier.toLowerCase() : undefined;
}

function isWebSearch(part: { readonly toolName: string; readonly result?: unknown }): boolean {
  if (part.toolName !== 'web_search' && part.toolName !== 'webSearch') return false;
  const { result } = part;
  const action = typeof result === 'object' && result !== null ? Reflect.get(result, 'action') : undefined;
  return typeof action !== 'object' || action === null || Reflect.get(action, 'type') === 'search';
}

function nonZero(counts: {
  readonly inputTokens: number;
  readonly outputTokens: number;
}): ReadUsage['counts'] {
  return {
    ...(counts.inputTokens > 0 && { inputTokens: counts.inputTokens }),
    ...(counts.outputTokens > 0 && { outputTokens: counts.outputTokens }),
  };
}
