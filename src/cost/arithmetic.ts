import {
  inputTotal,
  type TokenBucket,
  type TokenCounts,
  tokenBuckets,
  type UseBucket,
  type UseCounts,
} from './bucket.ts';
import type { LineItem } from './cost.ts';
import {
  type AttoUsd,
  attoFromUsd,
  decimalOf,
  divideRounded,
  usdFromAtto,
  usdTextFromAtto,
} from './money.ts';
import type { Price, Rates } from './price.ts';

/** The bucket whose rate a bucket takes when it has none of its own. */
const generalBucket: { readonly [Bucket in TokenBucket]?: TokenBucket } = {
  cacheReadTokens: 'inputTokens',
  cacheWriteTokens: 'inputTokens',
  cacheWrite1hTokens: 'cacheWriteTokens',
  cacheWrite12hTokens: 'cacheWriteTokens',
  inputAudioTokens: 'inputTokens',
  cacheReadAudioTokens: 'cacheReadTokens',
  inputImageTokens: 'inputTokens',
  cacheReadImageTokens: 'cacheReadTokens',
  inputVideoTokens: 'inputTokens',
  reasoningTokens: 'outputTokens',
  outputAudioTokens: 'outputTokens',
  outputImageTokens: 'outputTokens',
};

/** What the counts of one request cost at a price: one line a bucket, adding up to the total exactly. */
export function priceCounts({
  counts,
  uses,
  price,
  serviceTier,
}: {
  readonly counts: TokenCounts;
  readonly uses: UseCounts;
  readonly price: Price;
  readonly serviceTier: string | undefined;
}): { readonly total: AttoUsd; readonly lineItems: ReadonlyArray<LineItem> } {
  const lineItems: LineItem[] = [];
  let total = 0n;
  const add = ({
    bucket,
    quantity,
    perUnit,
    rate,
  }: {
    readonly bucket: LineItem['bucket'];
    readonly quantity: number;
    readonly perUnit: AttoUsd;
    readonly rate: string;
  }) => {
    const atto = BigInt(quantity) * perUnit;
    total += atto;
    lineItems.push({ bucket, quantity, rate, usd: usdFromAtto(atto), usdExact: usdTextFromAtto(atto) });
  };

  const rates = ratesFor({ price, input: inputTotal(counts) });
  const tier = serviceTier === undefined ? undefined : price.serviceTiers?.[serviceTier];
  for (const bucket of tokenBuckets) {
    const quantity = counts[bucket];
    if (quantity === undefined || quantity === 0) continue;
    const own = typeof tier === 'object' ? rateOf({ rates: tier, bucket }) : undefined;
    const rate = own ?? rateOf({ rates, bucket }) ?? 0;
    const factor = typeof tier === 'number' ? tier : 1;
    const perMillion = attoFromUsd(rate);
    const { digits, scale } = decimalOf(factor);
    const perUnit = divideRounded({
      dividend: perMillion * digits,
      divisor: 1_000_000n * 10n ** BigInt(scale),
    });
    add({ bucket, quantity, perUnit, rate: usdTextFromAtto(perUnit * 1_000_000n) });
  }
  for (const [bucket, quantity] of Object.entries(uses) as ReadonlyArray<[UseBucket, number]>) {
    const rate = price.uses?.[bucket];
    if (rate !== undefined && quantity > 0)
      add({ bucket, quantity, perUnit: attoFromUsd(rate), rate: String(rate) });
  }
  return { total, lineItems };
}

/** The rates that hold for an input of this size: a tier is a cliff, the highest one reached applies to everything. */
function ratesFor({ price, input }: { readonly price: Price; readonly input: number }): Rates {
  let rates: Rates = price;
  let reached = -1;
  for (const tier of price.tiers ?? []) {
    const applies = tier.inclusive === true ? input >= tier.aboveInputTokens : input > tier.aboveInputTokens;
    if (applies && tier.aboveInputTokens > reached) {
      rates = { ...price, ...tier };
      reached = tier.aboveInputTokens;
    }
  }
  return rates;
}

function rateOf({
  rates,
  bucket,
}: {
  readonly rates: Rates;
  readonly bucket: TokenBucket;
}): number | undefined {
  for (
    let current: TokenBucket | undefined = bucket;
    current !== undefined;
    current = generalBucket[current]
  ) {
    const rate = rates[current];
    if (rate !== undefined) return rate;
  }
  return undefined;
}
