import type { CostFlag, LineItem } from '../cost.ts';
import { attoFromUsd, createSum, type UnitPrice, type Usd, unitPrice, usdFromAtto } from '../total/money.ts';
import { inputTotal, tokenBuckets, type UseBucket, type UseCounts, useBuckets } from '../usage/bucket.ts';
import type { Share } from '../usage/reading.ts';
import type { Price } from './price.ts';
import { isKnownSurcharge, rateTable, type Surcharge, tierIndex } from './rates.ts';

/** Tokens with the price they are billed at. */
export type PricedShare = {
  readonly share: Share;
  /** Undefined where the model behind the share has no known price. */
  readonly price: Price | undefined;
  readonly surcharges: readonly Surcharge[];
};

/** What shares and uses come to. */
export type Priced = {
  readonly total: Usd;
  readonly lineItems: readonly LineItem[];
  readonly flags: readonly CostFlag[];
};

/** Tells what one use costs, from what its price says of it and what is published. */
type FeeOf = (use: {
  readonly bucket: UseBucket;
  readonly listedFee: number | undefined;
}) => number | undefined;

type Line = {
  readonly bucket: LineItem['bucket'];
  quantity: number;
  readonly unit: UnitPrice;
  readonly rate: string;
  readonly modelId: string | undefined;
};

/** Prices every bucket of every share, and the uses at the first share's price; equal lines are one line. */
export function priceShares({
  shares,
  uses,
  modelCalls,
  feeOf,
}: {
  readonly shares: readonly PricedShare[];
  readonly uses: UseCounts;
  /** At most this many model calls lie behind a share that is a sum of calls. */
  readonly modelCalls: number;
  readonly feeOf: FeeOf;
}): Priced {
  const flags: CostFlag[] = [];
  const lines: Line[] = [];
  for (const { share, price, surcharges } of shares) {
    if (price === undefined) {
      flags.push('model-unpriced');
      continue;
    }
    for (const surcharge of surcharges)
      if (!isKnownSurcharge({ price, surcharge })) flags.push('service-tier-unknown');
    const inputTokens = tierInput({ share, price, modelCalls: shares.length > 1 ? 1 : modelCalls, flags });
    const rates = rateTable({ price, inputTokens, surcharges });
    for (const bucket of tokenBuckets) {
      const quantity = share.counts[bucket];
      if (quantity === undefined || quantity === 0) continue;
      const { unit, text, inferred } = rates(bucket);
      if (inferred) flags.push('price-inferred');
      const line = { bucket, quantity, unit, rate: text, modelId: share.modelId };
      // The buckets of one share are all different.
      if (shares.length === 1) lines.push(line);
      else addLine({ lines, line });
    }
  }
  const [main] = shares;
  if (main?.price !== undefined) addUses({ lines, uses, price: main.price, feeOf, flags });

  const sum = createSum();
  const lineItems = lines.map(({ bucket, quantity, unit, rate, modelId }): LineItem => {
    const { usd, usdExact } = sum.add({ quantity, unit });
    const item = { bucket, quantity, rate, usd, usdExact };
    return modelId === undefined ? item : { ...item, modelId };
  });
  return { total: sum.total(), lineItems, flags };
}

/**
 * The input that long-context tiers are tested on.
 *
 * A loop of server-side tools sums several model calls, and the line is drawn for each: no call can be above it
 * unless their average is, so a sum above it proves nothing.
 */
function tierInput({
  share,
  price,
  modelCalls,
  flags,
}: {
  readonly share: Share;
  readonly price: Price;
  readonly modelCalls: number;
  readonly flags: CostFlag[];
}): number {
  if (price.tiers === undefined) return 0;
  const total = share.tierInputTokens ?? inputTotal(share.counts);
  if (modelCalls <= 1 || share.tierInputTokens !== undefined) return total;
  const average = total / modelCalls;
  if (tierIndex({ price, inputTokens: average }) !== tierIndex({ price, inputTokens: total }))
    flags.push('tier-uncertain');
  return average;
}

function addUses({
  lines,
  uses,
  price,
  feeOf,
  flags,
}: {
  readonly lines: Line[];
  readonly uses: UseCounts;
  readonly price: Price;
  readonly feeOf: FeeOf;
  readonly flags: CostFlag[];
}): void {
  const counts: UseCounts = price.uses?.request === undefined ? uses : { ...uses, request: 1 };
  for (const bucket of useBuckets) {
    const quantity = counts[bucket];
    if (quantity === undefined || quantity === 0) continue;
    const usd = feeOf({ bucket, listedFee: price.uses?.[bucket] });
    if (usd === undefined) {
      flags.push('tool-fee-unknown');
      continue;
    }
    const atto = attoFromUsd(usd);
    const line = {
      bucket,
      quantity,
      unit: unitPrice(atto),
      rate: usdFromAtto(atto).usdExact,
      modelId: undefined,
    };
    addLine({ lines, line });
  }
}

function addLine({ lines, line }: { readonly lines: Line[]; readonly line: Line }): void {
  const same = lines.find(
    ({ bucket, unit, modelId }) =>
      bucket === line.bucket && unit.atto === line.unit.atto && modelId === line.modelId,
  );
  if (same === undefined) lines.push(line);
  else same.quantity += line.quantity;
}
