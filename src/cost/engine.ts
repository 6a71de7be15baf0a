import { quietly } from '../boundary/callback.ts';
import type { PricedCall, PricedModel } from './attempt/meter.ts';
import { settleAttempt } from './attempt/settle-attempt.ts';
import type { EndedAttempt, Settling } from './attempt/settling.ts';
import { type CostWarning, createWarnOnce } from './attempt/warnings.ts';
import type { Found } from './catalog/catalog-price.ts';
import { type Cost, failedCost } from './cost.ts';
import { type CostRange, estimateCostRange } from './estimate/cost-range.ts';
import { type WorstCase, worstCaseOf } from './estimate/worst-case.ts';
import { createPriceFinder, type PriceSources } from './price/price-finder.ts';
import { readCachedShare, type UsageEvidence } from './usage/read-usage.ts';

/** What works costs out. It is loaded when it is first needed, and then answers without a promise. */
export type Engine = {
  /** What the attempt cost, worked out at its first reading; a promise only while the price list is loading. */
  readonly settle: (attempt: EndedAttempt) => (() => Cost) | Promise<Cost>;
  /** What a call may cost; a promise only while the price list is loading. Never rejects. */
  readonly estimate: (planned: {
    readonly model: PricedModel;
    readonly inputTokens: number | undefined;
    readonly maxOutputTokens: number;
    readonly atMs: number;
  }) => CostRange | Promise<CostRange>;
  /** What a request can cost at most; a promise only while the price list is loading. Never rejects. */
  readonly worstCase: (planned: {
    readonly call: PricedCall;
    readonly inputTokens: number | undefined;
    readonly atMs: number;
  }) => WorstCase | undefined | Promise<WorstCase | undefined>;
  /** Never throws, whatever a provider calls a usage. */
  readonly cachedShare: (usage: UsageEvidence) => number | undefined;
};

/** Makes an engine over prices. */
export function createEngine({
  sources,
  onWarning,
  ...rest
}: Pick<Settling, 'preferUserPrice' | 'estimatorOf'> & {
  readonly sources: PriceSources;
  readonly onWarning: (warning: CostWarning) => unknown;
}): Engine {
  const finder = createPriceFinder(sources);
  const tools = { ...rest, finder, warnOnce: createWarnOnce({ onWarning }) };
  return {
    settle: attempt => {
      try {
        const later = settleAttempt({ ...tools, ...attempt });
        return later instanceof Promise
          ? later.then(price => onceRead(price)(), failedCost)
          : onceRead(later);
      } catch (error) {
        return () => failedCost(error);
      }
    },
    estimate: ({ model, inputTokens, maxOutputTokens, atMs }) => {
      const range = (found: Found) => estimateCostRange({ found, inputTokens, maxOutputTokens });
      try {
        const found = finder.find({ model, served: undefined, atMs });
        return found instanceof Promise ? found.then(range, () => range({})) : range(found);
      } catch {
        return range({});
      }
    },
    worstCase: ({ call, inputTokens, atMs }) => {
      const worst = (found: Found) => quietly(() => worstCaseOf({ found, call, inputTokens }));
      try {
        const found = finder.find({ model: call, served: undefined, atMs });
        return found instanceof Promise ? found.then(worst, () => undefined) : worst(found);
      } catch {
        return undefined;
      }
    },
    cachedShare: usage => quietly(() => readCachedShare(usage)),
  };
}

/** Works a cost out at its first reading. A price must not cost the answer: whatever goes wrong leaves it unknown. */
function onceRead(price: () => Cost): () => Cost {
  let cost: Cost | undefined;
  return () => {
    if (cost !== undefined) return cost;
    try {
      cost = price();
    } catch (error) {
      cost = failedCost(error);
    }
    return cost;
  };
}
