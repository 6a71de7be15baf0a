import type { LanguageModelV4CallOptions } from '@ai-sdk/provider';
import { usdFromAtto } from '../money.ts';
import type { Found } from '../price/price-finder.ts';
import { rateTable } from '../price/rates.ts';
import { type EstimateTokens, estimateInput } from './estimate-input.ts';

/** Output tokens taken as the most where a call sets no `maxOutputTokens`. */
const defaultMaxOutputTokens = 4_096;

/** What a call may cost, estimated before it is made; plain JSON. Amounts are absent where no price is known. */
export type CostRange = {
  /** The input alone. */
  readonly minUsd?: number;
  /** The input with `maxOutputTokens` of output, or 4,096 where the call sets none. */
  readonly maxUsd?: number;
  readonly inputTokens: number;
  readonly maxOutputTokens: number;
};

/** Estimates the range of a call at a price: cached input and tools are not foreseen. */
export function estimateCostRange({
  found: { price },
  callOptions,
  estimateTokens,
}: {
  readonly found: Found;
  readonly callOptions: LanguageModelV4CallOptions;
  readonly estimateTokens: EstimateTokens;
}): CostRange {
  const inputTokens = estimateInput({ callOptions, estimateTokens });
  const maxOutputTokens = callOptions.maxOutputTokens ?? defaultMaxOutputTokens;
  if (price === undefined) return { inputTokens, maxOutputTokens };
  const rates = rateTable({ price, inputTokens });
  const input = BigInt(inputTokens) * rates('inputTokens').unit.atto;
  const output = BigInt(Math.round(maxOutputTokens)) * rates('outputTokens').unit.atto;
  return {
    minUsd: usdFromAtto(input).usd,
    maxUsd: usdFromAtto(input + output).usd,
    inputTokens,
    maxOutputTokens,
  };
}
