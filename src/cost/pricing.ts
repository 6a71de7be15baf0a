import { quietly, settleQuietly } from '../boundary/callback.ts';
import { type Clock, systemClock } from '../boundary/clock.ts';
import type { Meter, PricedCall, PricedModel } from './attempt/meter.ts';
import type { CostWarning } from './attempt/warnings.ts';
import { createPriceCatalog, type PriceCatalog } from './catalog/catalog.ts';
import { type CatalogQuery, windowOf } from './catalog/catalog-price.ts';
import type { Cost } from './cost.ts';
import type { CostRange } from './estimate/cost-range.ts';
import type { EstimateTokens } from './estimate/estimate-input.ts';
import { createEstimators, type MeasuredInput, measureInput } from './estimate/measured-input.ts';
import type { WorstCase } from './estimate/worst-case.ts';
import { createLazyEngine, type LazyEngine, loadEngine } from './lazy-engine.ts';
import { createLoadWait } from './load-wait.ts';
import { createOwnPrices, type FindOwnPrice } from './price/own-price.ts';
import { type Prices, parsePrices } from './price/price.ts';
import { nothingSeen, observe } from './seen/observation.ts';
import { createRawChunkMemory, type RawChunkMemory } from './seen/raw-chunks.ts';
import type { UsageEvidence } from './usage/read-usage.ts';

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
   * How long a call may wait for the price list where it needs it, and the first one of a process for the code that works
   * costs out: milliseconds from when that began to load. After that the cost is `unknown`, and its hint says so. Default:
   * 3,000.
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
  /** True once all that prices need is known to answer at once, so that `prepare` need not be called. */
  readonly isPrepared: () => boolean;
  /**
   * Starts loading what works costs out, and the catalog where a model needs it, so that it overlaps the request. Never
   * throws.
   */
  readonly prepare: (model: PricedModel) => void;
  /** Waits, for no longer than a call may, until all of that is there. Never rejects. */
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
  /** Estimates what a call may cost, before it is made; a promise while what that needs is loading. */
  readonly estimate: (planned: {
    readonly call: PricedCall;
    /** The call's measured input, where others measured it too. */
    readonly input?: MeasuredInput;
  }) => CostRange | Promise<CostRange>;
  /**
   * What a request can cost at most, exact; undefined where no price is known. A promise while what that needs is loading.
   * Never rejects.
   */
  readonly worstCase: (planned: {
    readonly call: PricedCall;
    readonly input?: MeasuredInput;
  }) => WorstCase | undefined | Promise<WorstCase | undefined>;
  /** True for a model that can have no price: none was set, and there is no list to look in. */
  readonly isUnpriced: (model: PricedModel) => boolean;
  /** The share of the input that was read from a cache, from 0 to 1; undefined where the provider does not say. A promise before the first cost. */
  readonly cachedShare: (usage: UsageEvidence) => number | undefined | Promise<number | undefined>;
  /**
   * How many tokens the model's context holds, as the catalog says, whichever price is used; undefined where the
   * catalog does not say, and while it is not loaded. Loads nothing, never throws.
   */
  readonly contextWindow: (model: PricedModel & Pick<CatalogQuery, 'atMs'>) => number | undefined;
};

/**
 * Makes a pricing. Calls share it; it holds prices and bounded memories only. Throws `InvalidArgumentError` on prices
 * that cannot be.
 */
export function createPricing(options: PricingOptions = {}): Pricing {
  const prices = parsePrices({ prices: options.prices ?? {}, option: 'prices' });
  const { now = Date.now, maxWaitMs = defaultMaxWaitMs, schedule = systemClock.schedule } = options;
  const waiting = { maxWaitMs, now, schedule };
  const catalog = catalogOf({ options, now });
  const list = catalog && createLoadWait({ load: async () => catalog.load(), ...waiting });
  const findOwn = createOwnPrices(prices);
  const estimatorOf = createEstimators(options.estimateTokens);
  const measure = (callOptions: PricedCall['callOptions']) => measureInput({ callOptions, estimatorOf });
  const rawChunks = createRawChunkMemory();
  const engine = createLazyEngine({
    wait: createLoadWait({ load: loadEngine, ...waiting }),
    make: ({ createEngine }) =>
      createEngine({
        sources: { findOwn, catalog, waitForList: async () => (await list?.wait()) ?? 'failed' },
        preferUserPrice: options.preferUserPrice ?? false,
        estimatorOf,
        onWarning: options.onWarning ?? warnOnConsole,
      }),
  });
  const needs = createListNeed({ catalog, findOwn });

  return {
    isPrepared: () => engine.now() !== undefined && needs.isLoaded(),
    prepare: model => {
      engine.start();
      if (needs.list(model)) list?.start();
    },
    prepared: async model => {
      if (needs.list(model)) list?.start();
      await engine.later();
      if (needs.list(model)) await list?.wait();
    },
    measureInput: measure,
    wantsRawChunks: rawChunks.wants,
    meter: call => createMeter({ call, atMs: now(), engine, rawChunks }),
    estimate: ({ call, input = measure(call.callOptions) }) => {
      const { maxOutputTokens = defaultMaxOutputTokens } = call.callOptions;
      const planned = { model: call, inputTokens: input.tokens(call), maxOutputTokens, atMs: now() };
      return engine.ask(own => own.estimate(planned));
    },
    worstCase: ({ call, input = measure(call.callOptions) }) => {
      const planned = { call, inputTokens: input.tokens(call), atMs: now() };
      return engine.ask(own => own.worstCase(planned));
    },
    isUnpriced: model => catalog === undefined && findOwn({ model }) === undefined,
    cachedShare: usage => engine.ask(own => own.cachedShare(usage)),
    contextWindow: ({ provider, modelId, atMs = now() }) =>
      quietly(() => windowOf(catalog?.lookUpNow({ provider, modelId, atMs }))),
  };
}

function createMeter({
  call,
  atMs,
  engine,
  rawChunks,
}: {
  readonly call: PricedCall;
  readonly atMs: number;
  readonly engine: LazyEngine;
  readonly rawChunks: RawChunkMemory;
}): Meter {
  const seen = nothingSeen();
  const settleLater: Meter['settleLater'] = end => {
    rawChunks.learn({ provider: call.provider, seen, outcome: end.outcome });
    const attempt = { call, seen, end, atMs };
    return engine.now()?.settle(attempt) ?? engine.later().then(own => read(own.settle(attempt)));
  };
  return {
    observe: part => observe({ seen, part }),
    settle: end => read(settleLater(end)),
    settleLater,
  };
}

/** A cost that is there is worked out. */
function read(cost: (() => Cost) | Promise<Cost>): Cost | Promise<Cost> {
  return typeof cost === 'function' ? cost() : cost;
}

/** Generous for what is loaded from a disk, short enough for an answer that is held up. */
const defaultMaxWaitMs = 3_000;

/** Output tokens taken as the most where a call sets no `maxOutputTokens`. */
const defaultMaxOutputTokens = 4_096;

function catalogOf({
  options,
  now,
}: {
  readonly options: PricingOptions;
  readonly now: () => number;
}): PriceCatalog | undefined {
  const { catalog } = options;
  if (catalog === false) return undefined;
  return catalog === undefined ? createPriceCatalog({ now }) : answeringNow(catalog);
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

/** Tells which models need the list, and whether it is known to be loaded. */
function createListNeed({
  catalog,
  findOwn,
}: {
  readonly catalog: PriceCatalog | undefined;
  readonly findOwn: FindOwnPrice;
}) {
  let isLoaded = catalog === undefined;
  const look = (model: PricedModel): boolean => {
    const found = catalog?.lookUpNow(model);
    if (found === undefined) return true;
    // A price set by the user says nothing of the list.
    isLoaded = found.price === undefined || found.source !== 'settings';
    return false;
  };
  return {
    isLoaded: () => isLoaded,
    list: (model: PricedModel): boolean => {
      // A composite adds up its own attempts.
      if (model.provider === 'composite' || catalog === undefined || findOwn({ model }) !== undefined)
        return false;
      return quietly(() => look(model)) ?? false;
    },
  };
}

function warnOnConsole({ type, message }: CostWarning): void {
  if (type !== 'stale-prices') console.warn(message);
}
