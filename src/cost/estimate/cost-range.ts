import type { Found } from '../catalog/catalog-price.ts';
import { rateTable } from '../price/rates.ts';
import { picoPerUsd, roughPico } from '../total/money.ts';

/** What a call may cost, estimated before it is made; plain JSON. Amounts are absent where no price is known. */
export type CostRange = {
  /** The input, none of it cached, and the fee per request. */
  readonly minUsd?: number;
  /** The input, all of it read from the cache, and the fee per request. */
  readonly minCachedUsd?: number;
  /** `minUsd` with `maxOutputTokens` of output, or 4,096 where the call sets none. */
  readonly maxUsd?: number;
  /** Estimated; absent where the estimator failed. */
  readonly inputTokens?: number;
  readonly maxOutputTokens: number;
};

/** Estimates what a call costs at a price; cache writes, other tools and service tiers are not foreseen. */
export function estimateCostRange({
  found: { price },
  inputTokens,
  maxOutputTokens,
}: {
  readonly found: Found;
  readonly inputTokens: number | undefined;
  readonly maxOutputTokens: number;
}): CostRange {
  if (inputTokens === undefined) return { maxOutputTokens };
  if (price === undefined) return { inputTokens, maxOutputTokens };
  const rates = rateTable({ price, inputTokens });
  const fee = (price.uses?.request ?? 0) * picoPerUsd;
  const input = fee + roughPico({ quantity: inputTokens, unit: rates('inputTokens').unit });
  const cached = fee + roughPico({ quantity: inputTokens, unit: rates('cacheReadTokens').unit });
  const output = roughPico({ quantity: maxOutputTokens, unit: rates('outputTokens').unit });
  return {
    minUsd: input / picoPerUsd,
    minCachedUsd: cached / picoPerUsd,
    maxUsd: (input + output) / picoPerUsd,
    inputTokens,
    maxOutputTokens,
  };
}
