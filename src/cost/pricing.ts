import { describeAnswer, settleQuietly } from '../boundary/callback.ts';
import { type Clock, systemClock } from '../boundary/clock.ts';
import type { Meter, PricedCall, PricedModel } from './attempt/meter.ts';
import { settleCost } from './attempt/settle-cost.ts';
import { type CostWarning, createWarnOnce } from './attempt/warnings.ts';
import { createPriceCatalog, type PriceCatalog } from './catalog/catalog.ts';
import { type CatalogQuery, type Found, windowOf } from './catalog/catalog-price.ts';
import { createListWait } from './catalog/list-wait.ts';
import type { Cost } from './cost.ts';
import { type CostRange, estimateCostRange } from './estimate/cost-range.ts';
import { defaultEstimator } from './estimate/default-estimator.ts';
import { createInputEstimate, type EstimateTokens } from './estimate/estimate-input.ts';
import { type Prices, parsePrices } from './price/price.ts';
import { createPriceFinder } from './price/price-finder.ts';
import { createObservation } from './seen/observation.ts';
import { createRawChunkMemory } from './seen/raw-chunks.ts';
import { readCachedShare, type UsageEvidence } from './usage/read-usage.ts';

/** How attempts are priced. */
export type PricingOptions = {
  /** USD per 1M tokens by `provider/model`, exact or with a trailing `*`. */
  readonly prices?: Prices;
  /**
   * A catalog to share or to refresh; `false` loads none, so that only your own prices count. Default: a new one,
   * loaded at first use.
   */
  readonly catalog?: PriceCatalog | false;
  /**
   * Estimates the tokens of a text where a provider reports none, at once. One that throws or answers no number leaves
   * the cost unknown, with the reason in its hint. Default: built in, with a mean error of 5 to 9 %.
   */
  readonly estimateTokens?: EstimateTokens;
  /** Puts your prices above a cost that the provider itself reports. Default: false. */
  readonly preferUserPrice?: boolean;
  /**
   * How long a call may wait for the price list where it needs it: milliseconds from when the list began to load. After
   * that the cost is `unknown`, and its hint says so. Default: 3,000.
   */
  readonly maxWaitMs?: number;
  /** Milliseconds since the epoch. Default: `Date.now`. */
  readonly now?: () => number;
  /** Calls back after a while, for tests. Default: `setTimeout`. */
  readonly schedule?: Clock['schedule'];
  /**
   * Told of an unknown price, missing usage or an old catalog, once per model. Default: `console.warn` for the first
   * two; an old catalog shows in the cost's `priceDate` and flags in any case. If it throws or rejects, the call goes on.
   */
  readonly onWarning?: (warning: CostWarning) => void;
};

/** Prices the attempts of a composite or of one model. */
export type Pricing = {
  /** True once the catalog is known to answer at once, so that `prepare` need not be called. */
  readonly isPrepared: () => boolean;
  /** Starts loading the catalog where a model needs it, so that it overlaps the request. Never throws. */
  readonly prepare: (model: PricedModel) => void;
  /** Waits, for no longer than a call may, until the catalog is there if a model needs it. Never rejects. */
  readonly prepared: (model: PricedModel) => Promise<void>;
  /**
   * Tells whether counts show in raw chunks only: then ask the provider for them, let the meter observe them, and
   * drop them again unless the caller asked for them too.
   */
  readonly wantsRawChunks: (call: PricedCall) => boolean;
  /** Measures the input of a call for every model that may get it; texts are estimated once, and only if asked. */
  readonly measureInput: (callOptions: PricedCall['callOptions']) => MeasuredInput;
  /** Meters one attempt. */
  readonly meter: (call: PricedCall) => Meter;
  /** Estimates what a call may cost, before it is made; a promise while the catalog loads. */
  readonly estimate: (planned: {
    readonly call: PricedCall;
    /** The call's measured input, where others measured it too. */
    readonly input?: MeasuredInput;
  }) => CostRange | Promise<CostRange>;
  /** The share of the input that was read from a cache, from 0 to 1; undefined where the provider does not say. */
  readonly cachedShare: (usage: UsageEvidence) => number | undefined;
  /**
   * How many tokens the model's context holds, as the catalog says, whichever price is used; undefined where the
   * catalog does not say, and while it is not loaded. Loads nothing, never throws.
   */
  readonly contextWindow: (model: PricedModel & Pick<CatalogQuery, 'atMs'>) => number | undefined;
};

/** How long the input of one call is, as each model counts it. */
export type MeasuredInput = {
  /** Estimated tokens; undefined where the estimator fails. */
  readonly tokens: (model: { readonly modelId: string }) => number | undefined;
  /** True where it is certainly shorter than this, which its length alone can tell. */
  readonly isBelow: (tokens: number) => boolean;
};

/**
 * Makes a pricing. Calls share it; it holds prices and bounded memories only. Throws `InvalidArgumentError` on prices
 * that cannot be.
 */
export function createPricing(options: PricingOptions = {}): Pricing {
  const prices = parsePrices({ prices: options.prices ?? {}, option: 'prices' });
  const { preferUserPrice = false, now = Date.now, onWarning = warnOnConsole } = options;
  const catalog =
    options.catalog === false
      ? undefined
      : options.catalog === undefined
        ? createPriceCatalog({ now })
        : answeringNow(options.catalog);
  const list =
    catalog &&
    createListWait({
      catalog,
      maxWaitMs: options.maxWaitMs ?? defaultMaxWaitMs,
      now,
      schedule: options.schedule ?? systemClock.schedule,
    });
  const finder = createPriceFinder({
    prices,
    catalog,
    waitForList: async () => (await list?.wait()) ?? 'failed',
  });
  const warnOnce = createWarnOnce({ onWarning });
  const rawChunks = createRawChunkMemory();
  const ownEstimator = options.estimateTokens === undefined ? undefined : numbersOnly(options.estimateTokens);
  const estimatorOf = (model: { readonly modelId: string }) => ownEstimator ?? defaultEstimator(model);
  const measureInput = (callOptions: PricedCall['callOptions']): MeasuredInput => {
    const { tokens, isBelow } = createInputEstimate(callOptions);
    return {
      tokens: model => quietly(() => tokens(estimatorOf(model))),
      // What cannot be read, such as a tool call with a bigint, speaks against nobody.
      isBelow: limit => quietly(() => isBelow(limit)) ?? true,
    };
  };

  /** True once the catalog is known to be loaded, or there is none. */
  let isLoaded = catalog === undefined;

  const needsList = (model: PricedModel): boolean => {
    // A composite adds up its own attempts.
    if (model.provider === 'composite' || catalog === undefined || finder.findOwn({ model }) !== undefined)
      return false;
    return (
      quietly(() => {
        const found = catalog.lookUpNow(model);
        if (found === undefined) return true;
        // A price set by the user says nothing of the list.
        isLoaded = found.price === undefined || found.source !== 'settings';
        return false;
      }) ?? false
    );
  };

  return {
    isPrepared: () => isLoaded,
    prepare: model => {
      if (needsList(model)) list?.start();
    },
    prepared: async model => {
      if (needsList(model)) await list?.wait();
    },
    measureInput,
    wantsRawChunks: rawChunks.wants,
    meter: call => {
      const { callOptions } = call;
      const startedAtMs = now();
      const observation = createObservation({ callOptions });
      const settle: Meter['settle'] = end => {
        rawChunks.learn({ provider: call.provider, seen: observation.seen, outcome: end.outcome });
        return guarded(() =>
          settleCost({
            model: call,
            callOptions,
            observation,
            end,
            atMs: startedAtMs,
            finder,
            preferUserPrice,
            estimatorOf,
            warnOnce,
          }),
        );
      };
      return {
        observe: observation.observe,
        settle,
        settleLater: end => {
          const cost = settle(end);
          return cost instanceof Promise ? cost : () => cost;
        },
      };
    },
    estimate: ({ call, input = measureInput(call.callOptions) }) => {
      const { maxOutputTokens } = call.callOptions;
      const inputTokens = input.tokens(call);
      const range = (found: Found) => estimateCostRange({ found, inputTokens, maxOutputTokens });
      const find = () =>
        finder.findOwn({ model: call }) ?? finder.find({ model: call, served: undefined, atMs: now() });
      const found = quietly(find) ?? {};
      return found instanceof Promise ? found.catch(() => ({})).then(range) : range(found);
    },
    cachedShare: usage => quietly(() => readCachedShare(usage)),
    contextWindow: ({ provider, modelId, atMs = now() }) =>
      quietly(() => windowOf(catalog?.lookUpNow({ provider, modelId, atMs }))),
  };
}

/** Generous for a list that is loaded from a disk, short enough for an answer that is held up. */
const defaultMaxWaitMs = 3_000;

/**
 * A price must not cost the answer: whatever goes wrong, an estimator of the user included, leaves an unknown cost.
 */
function guarded(price: () => Cost | Promise<Cost>): Cost | Promise<Cost> {
  try {
    const cost = price();
    return cost instanceof Promise ? cost.catch(failedCost) : cost;
  } catch (error) {
    return failedCost(error);
  }
}

/** A promise in place of a number would be added up as one, and its rejection would be nobody's. */
function numbersOnly(estimateTokens: EstimateTokens): EstimateTokens {
  return text => {
    const tokens: unknown = estimateTokens(text);
    if (typeof tokens === 'number') return tokens;
    settleQuietly(tokens);
    throw new TypeError(
      `pricing.estimateTokens must return a number at once; it returned ${describeAnswer(tokens)}`,
    );
  };
}

/** A catalog of the user's own may answer with a promise: it is not loaded then, and a rejection is nobody's. */
function answeringNow(catalog: PriceCatalog): PriceCatalog {
  return {
    ...catalog,
    // A catalog that is an object of a class has its methods elsewhere.
    load: () => catalog.load(),
    lookUpNow: query => {
      const found = catalog.lookUpNow(query);
      return settleQuietly(found) ? undefined : found;
    },
  };
}

/** A catalog or an estimator of the user's may throw, and a call must not fail before it is made. */
function quietly<RESULT>(work: () => RESULT): RESULT | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

function failedCost(error: unknown): Cost {
  return {
    status: 'unknown',
    lineItems: [],
    hint: `Pricing failed: ${error instanceof Error ? error.message : String(error)}`,
  };
}

function warnOnConsole({ type, message }: CostWarning): void {
  if (type !== 'stale-prices') console.warn(message);
}
