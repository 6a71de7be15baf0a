import {
  type AttoUsd,
  decimalOf,
  divideRounded,
  type UnitPrice,
  unitPrice,
  usdFromAtto,
} from '../total/money.ts';
import type { TokenBucket } from '../usage/bucket.ts';
import type { Price, Rates } from './price.ts';

/** A factor on all token rates that the request was served under, such as a service tier or a regional surcharge. */
export type Surcharge = {
  /** As the provider reports it: `flex`, `priority`, `fast`, `us`, ... */
  readonly name: string;
  /** The provider's published factor; undefined where none is known. A price's own `serviceTiers` wins. */
  readonly factor: number | undefined;
};

/** The rate of one bucket with everything applied. */
export type Rate = {
  /** The price of one token. */
  readonly unit: UnitPrice;
  /** USD per 1M tokens, as a decimal string. */
  readonly text: string;
  /** True where no rate was given and a published ratio stands in for it. */
  readonly inferred: boolean;
};

/** Tells the rate of a bucket. */
export type RateTable = (bucket: TokenBucket) => Rate;

/** What a bucket costs when its price has no rate of its own. */
const general: { readonly [Bucket in TokenBucket]?: TokenBucket } = {
  cacheReadTokens: 'inputTokens',
  cacheWriteTokens: 'inputTokens',
  inputAudioTokens: 'inputTokens',
  inputImageTokens: 'inputTokens',
  inputVideoTokens: 'inputTokens',
  reasoningTokens: 'outputTokens',
  outputAudioTokens: 'outputTokens',
  outputImageTokens: 'outputTokens',
};

/**
 * Long cache writes, as a ratio to the ordinary cache write, where a price names only that one. Anthropic: 2x input
 * for 1 hour, 1.25x for 5 minutes (platform.claude.com, prompt caching, 2026-11). OpenAI: 2.5x input for 12 hours,
 * 1.25x for 30 minutes (developers.openai.com, prompt caching, 2026-11).
 */
const longWriteRatio = { cacheWrite1hTokens: 1.6, cacheWrite12hTokens: 2 } as const;

const noSurcharges: readonly Surcharge[] = [];
const maxTables = 100;
const tables = new WeakMap<Price, Map<string | number, RateTable>>();

/**
 * Works out the rates of a request from its price, the size of its input and the surcharges it was served under.
 *
 * A long-context tier is a cliff on the whole input: it replaces the rates for all of the request's tokens.
 */
export function rateTable({
  price,
  inputTokens,
  surcharges = noSurcharges,
}: {
  readonly price: Price;
  /** The whole input that tiers are measured on; 0 keeps the base rates. */
  readonly inputTokens: number;
  readonly surcharges?: readonly Surcharge[];
}): RateTable {
  const tier = tierIndex({ price, inputTokens });
  const key =
    surcharges.length === 0
      ? tier
      : surcharges.reduce((text, { name, factor }) => `${text}|${name}:${factor}`, String(tier));
  let known = tables.get(price);
  if (known === undefined) {
    known = new Map();
    tables.set(price, known);
  }
  let table = known.get(key);
  if (table === undefined) {
    // Surcharges are named by providers; a server that makes up a new name each time must not fill the memory.
    if (known.size >= maxTables) known.clear();
    table = createTable({ price, tier, surcharges });
    known.set(key, table);
  }
  return table;
}

/** Tells whether a surcharge has an effect that is known: the price's own, or a published factor. */
export function isKnownSurcharge({
  price,
  surcharge,
}: {
  readonly price: Price;
  readonly surcharge: Surcharge;
}): boolean {
  return surcharge.factor !== undefined || ownFactor({ price, name: surcharge.name }) !== undefined;
}

/** The position of the tier that applies to an input of this size, -1 for none. */
export function tierIndex({
  price: { tiers },
  inputTokens,
}: {
  readonly price: Price;
  readonly inputTokens: number;
}): number {
  if (tiers === undefined) return -1;
  let found = -1;
  let highest = -1;
  tiers.forEach(({ aboveInputTokens, inclusive }, index) => {
    const applies = inclusive === true ? inputTokens >= aboveInputTokens : inputTokens > aboveInputTokens;
    if (applies && aboveInputTokens > highest) {
      found = index;
      highest = aboveInputTokens;
    }
  });
  return found;
}

function createTable({
  price,
  tier,
  surcharges,
}: {
  readonly price: Price;
  readonly tier: number;
  readonly surcharges: readonly Surcharge[];
}): RateTable {
  let rates: Rates = { ...price, ...price.tiers?.[tier] };
  const factors: number[] = [];
  for (const { name, factor } of surcharges) {
    const own = ownFactor({ price, name }) ?? factor ?? 1;
    if (typeof own === 'number') factors.push(own);
    else rates = { ...rates, ...own };
  }
  const known = new Map<TokenBucket, Rate>();
  return bucket => {
    const cached = known.get(bucket);
    if (cached !== undefined) return cached;
    const { usd, ratio } = listRate({ rates, bucket });
    const attoPerToken = perToken({ usd, factors: ratio === 1 ? factors : [...factors, ratio] });
    const rate = {
      unit: unitPrice(attoPerToken),
      text: usdFromAtto(attoPerToken * 1_000_000n).usdExact,
      inferred: ratio !== 1,
    };
    known.set(bucket, rate);
    return rate;
  };
}

/** What the price itself says of a tier; OpenAI's priority tier also goes by its newer name. */
function ownFactor({
  price: { serviceTiers },
  name,
}: {
  readonly price: Price;
  readonly name: string;
}): number | Rates | undefined {
  if (serviceTiers === undefined) return undefined;
  // Servers name tiers as they like; one called `constructor` has no price.
  const own = Object.hasOwn(serviceTiers, name) ? serviceTiers[name] : undefined;
  return own ?? (name === 'priority' ? serviceTiers.fast : undefined);
}

/** The rate a price list gives for a bucket, and the ratio to apply where it names only a related one. */
function listRate({ rates, bucket }: { readonly rates: Rates; readonly bucket: TokenBucket }): {
  readonly usd: number;
  readonly ratio: number;
} {
  const own = rates[bucket];
  if (own !== undefined) return { usd: own, ratio: 1 };
  switch (bucket) {
    case 'cacheWrite1hTokens':
    case 'cacheWrite12hTokens':
      return rates.cacheWriteTokens === undefined
        ? { usd: rates.inputTokens ?? 0, ratio: 1 }
        : { usd: rates.cacheWriteTokens, ratio: longWriteRatio[bucket] };
    // A medium with a rate of its own, but no cached one, is charged in full; one that shares the text rate shares
    // the cached text rate too.
    case 'cacheReadAudioTokens':
      return { usd: rates.inputAudioTokens ?? rates.cacheReadTokens ?? rates.inputTokens ?? 0, ratio: 1 };
    case 'cacheReadImageTokens':
      return { usd: rates.inputImageTokens ?? rates.cacheReadTokens ?? rates.inputTokens ?? 0, ratio: 1 };
    default: {
      const parent = general[bucket];
      return { usd: (parent === undefined ? undefined : rates[parent]) ?? 0, ratio: 1 };
    }
  }
}

/** USD per 1M tokens times the factors, as atto-USD per token; rounded once, in the 19th decimal. */
function perToken({ usd, factors }: { readonly usd: number; readonly factors: readonly number[] }): AttoUsd {
  // 1 USD per 1M tokens is 10^12 atto-USD per token.
  let { digits, scale } = decimalOf(usd);
  for (const factor of factors) {
    const by = decimalOf(factor);
    digits *= by.digits;
    scale += by.scale;
  }
  return scale <= 12
    ? digits * 10n ** BigInt(12 - scale)
    : divideRounded({ dividend: digits, divisor: 10n ** BigInt(scale - 12) });
}
