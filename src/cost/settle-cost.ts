import type { Cost, CostFlag, CostStatus } from './cost.ts';
import { type EstimateTokens, estimateInput } from './estimate/estimate-input.ts';
import { type Evidence, gatherEvidence } from './evidence.ts';
import type { MeterEnd, PricedCall, PricedModel } from './meter.ts';
import { usdFromAtto } from './money.ts';
import { isNotBilled } from './not-billed.ts';
import type { Observation } from './observation.ts';
import type { Found, KnownPrice, PriceFinder } from './price-finder.ts';
import { type PricedShare, priceShares } from './price-shares.ts';
import { catalogProviderOf } from './provider-id.ts';
import type { Surcharge } from './rates.ts';
import { publishedFactor } from './surcharge-factor.ts';
import { readUsage } from './usage/read-usage.ts';
import type { Reading, Share } from './usage/reading.ts';
import { type ReportedCost, readReportedCost } from './usage/reported-cost.ts';
import { readServedUnder } from './usage/surcharges.ts';
import { fieldOf } from './usage/token-count.ts';
import { missingUsageMessage, stalePriceMessage, unknownPriceHint, type WarnOnce } from './warnings.ts';

const maxPriceAgeMs = 60 * 24 * 60 * 60 * 1_000;

/** Flags with which an amount is an estimate; the others only say what was put right. */
const inferring: ReadonlySet<CostFlag> = new Set<CostFlag>([
  'cache-outside-input',
  'cached-exceeds-input',
  'count-invalid',
  'free-allowance-ignored',
  'input-estimated',
  'output-estimated',
  'output-from-total',
  'price-inferred',
  'served-model-unpriced',
  'service-tier-requested',
  'service-tier-unknown',
  'tier-uncertain',
  'total-mismatch',
  'vendor-list-price',
]);

/** Flags with which an amount is too low by something that is not known. */
const lacking: ReadonlySet<CostFlag> = new Set<CostFlag>([
  'model-unpriced',
  'output-incomplete',
  'tool-fee-unknown',
]);

/** Everything that is known of an attempt when it is priced. */
type Settling = {
  readonly model: PricedModel;
  readonly callOptions: PricedCall['callOptions'];
  readonly observation: Observation;
  readonly end: MeterEnd;
  /** When the attempt started: the moment its price must hold for. */
  readonly atMs: number;
  readonly finder: PriceFinder;
  readonly preferUserPrice: boolean;
  readonly estimatorOf: (model: { readonly modelId: string }) => EstimateTokens;
  readonly warnOnce: WarnOnce;
};

/** Prices one attempt from all that was seen of it. */
export function settleCost(settling: Settling): Cost | Promise<Cost> {
  const { model, observation, end, finder, preferUserPrice, atMs } = settling;
  const evidence = gatherEvidence(settling);
  const { usage, wire, providerMetadata, served, isCut } = evidence;

  const nested = nestedCost(fieldOf(providerMetadata, 'composite')) ?? nestedCost(end.error);
  if (nested !== undefined) return nested;
  const isSilent = !observation.seen.hasOutput && usage === undefined && wire === undefined;
  if (end.outcome === 'failure' && isSilent && isNotBilled(end.error)) {
    return { status: 'priced', usd: 0, usdExact: '0', lineItems: [], source: 'not-billed' };
  }
  const reported = readReportedCost({ provider: model.provider, raw: wire ?? usage?.raw, providerMetadata });
  const own = reported !== undefined && preferUserPrice ? finder.findOwn({ model, served }) : undefined;
  if (reported !== undefined && own === undefined) return fromReported({ reported, isCut });

  const found = own ?? finder.find({ model, served, atMs });
  return found instanceof Promise
    ? found.then(known => priceEvidence({ settling, evidence, found: known }))
    : priceEvidence({ settling, evidence, found });
}

function priceEvidence({
  settling,
  evidence,
  found,
}: {
  readonly settling: Settling;
  readonly evidence: Evidence;
  readonly found: Found;
}): Cost | Promise<Cost> {
  const { model, finder, warnOnce, atMs } = settling;
  if (found.price === undefined) {
    const hint = unknownPriceHint({
      provider: model.provider,
      modelId: model.modelId,
      nearest: found.nearest,
    });
    warnOnce({
      type: 'unknown-price',
      provider: model.provider,
      modelId: model.modelId,
      tell: () => `ai-composite: ${hint}`,
    });
    return { status: 'unknown', lineItems: [], hint };
  }
  const reading = completeReading({ settling, evidence });
  const priceOf = (share: Share) =>
    share.modelId === undefined || share.modelId === model.modelId
      ? found
      : finder.find({ model: { provider: model.provider, modelId: share.modelId }, served: undefined, atMs });
  const prices = reading.shares.map(priceOf);
  return areKnown(prices)
    ? assembleCost({ settling, evidence, reading, main: found, found: prices })
    : Promise.all(prices).then(known =>
        assembleCost({ settling, evidence, reading, main: found, found: known }),
      );
}

function areKnown(prices: ReadonlyArray<Found | Promise<Found>>): prices is readonly Found[] {
  return !prices.some(price => price instanceof Promise);
}

/** The reading of what was reported, with estimates where nothing was. */
function completeReading({
  settling,
  evidence,
}: {
  readonly settling: Settling;
  readonly evidence: Evidence;
}): Reading {
  const { model, callOptions, observation, warnOnce, estimatorOf, end } = settling;
  const { usage, wire, providerMetadata, isCut, isWireEarly } = evidence;
  const reading = readUsage({ provider: model.provider, usage, wire, providerMetadata });
  if (reading.inputKnown && reading.outputKnown && !isCut) return reading;
  const flags = [...reading.flags];
  if (isCut) flags.push('output-incomplete');
  if (!reading.outputKnown && !isCut && end.outcome === 'success')
    warnOnce({
      type: 'missing-usage',
      provider: model.provider,
      modelId: model.modelId,
      tell: () => missingUsageMessage(model),
    });
  const [first = { counts: {} }, ...rest] = reading.shares;
  let counts = first.counts;
  if (!reading.inputKnown) {
    flags.push('input-estimated');
    counts = { ...counts, inputTokens: estimateInput({ callOptions, estimateTokens: estimatorOf(model) }) };
  }
  const { outputTokens = 0, reasoningTokens = 0 } = counts;
  const isOutputOpen =
    !reading.outputKnown || (isCut && (isWireEarly || outputTokens + reasoningTokens === 0));
  if (isOutputOpen && (observation.seen.hasOutput || !reading.outputKnown)) {
    const estimateTokens = estimatorOf(model);
    const text = observation.text.estimate(estimateTokens);
    flags.push('output-estimated');
    counts = {
      ...counts,
      outputTokens: Math.max(outputTokens, text),
      reasoningTokens: Math.max(reasoningTokens, observation.reasoning.estimate(estimateTokens)),
    };
  }
  return { ...reading, shares: [{ ...first, counts }, ...rest], flags };
}

function assembleCost({
  settling: { model, callOptions, observation, atMs, warnOnce },
  evidence: { usage, wire, providerMetadata, served, wireTier },
  reading,
  main,
  found,
}: {
  readonly settling: Settling;
  readonly evidence: Evidence;
  readonly reading: Reading;
  readonly main: KnownPrice;
  readonly found: readonly Found[];
}): Cost {
  const { provider, modelId } = model;
  const raw = wire ?? usage?.raw;
  const under = readServedUnder({
    provider,
    raw,
    providerMetadata,
    wireTier,
    providerOptions: callOptions.providerOptions,
  });
  const shares = reading.shares.map((share, index): PricedShare => {
    const price = found[index]?.price;
    const surcharges =
      under.names.length === 0
        ? noSurcharges
        : surchargesOf({ provider, modelId: share.modelId ?? served ?? modelId, names: under.names });
    return { share, price, surcharges };
  });
  const tools = observation.tools.read({ raw, providerMetadata, modelId });
  const {
    atto,
    lineItems,
    flags: pricedFlags,
  } = priceShares({ shares, uses: tools.uses, modelCalls: tools.modelCalls });

  const flags = reading.flags.concat(main.flags, tools.flags, pricedFlags);
  if (under.isUnconfirmed) flags.push('service-tier-requested');
  const { priceDate } = main;
  if (priceDate !== undefined && isStale({ priceDate, atMs })) {
    flags.push('stale-price');
    warnOnce({
      type: 'stale-prices',
      provider,
      modelId,
      tell: () => stalePriceMessage({ provider, modelId, priceDate }),
    });
  }
  const list = flags.length > 1 ? [...new Set(flags)].sort() : flags;
  const { usd, usdExact } = usdFromAtto(atto);
  const cost: { -readonly [Key in keyof Cost]: Cost[Key] } = {
    status: statusOf(list),
    usd,
    usdExact,
    lineItems,
    source: main.source,
    priceOf: main.priceOf,
  };
  if (priceDate !== undefined) cost.priceDate = priceDate;
  if (list.length > 0) cost.flags = list;
  return cost;
}

const noSurcharges: readonly Surcharge[] = [];

function surchargesOf({
  provider,
  modelId,
  names,
}: {
  readonly provider: string;
  readonly modelId: string;
  readonly names: readonly string[];
}): readonly Surcharge[] {
  const owner = catalogProviderOf(provider);
  return names.map(name => ({
    name,
    factor: publishedFactor({ provider: owner, modelId, surcharge: name }),
  }));
}

function statusOf(flags: readonly CostFlag[]): CostStatus {
  if (flags.length === 0) return 'priced';
  if (flags.some(flag => lacking.has(flag))) return 'lower-bound';
  return flags.some(flag => inferring.has(flag)) ? 'estimated' : 'priced';
}

/** Dates repeat, and parsing one takes as long as pricing a line. */
const staleFromMs = new Map<string, number>();

function isStale({ priceDate, atMs }: { readonly priceDate: string; readonly atMs: number }): boolean {
  const known = staleFromMs.get(priceDate);
  if (known !== undefined) return atMs > known;
  if (staleFromMs.size > 100) staleFromMs.clear();
  staleFromMs.set(priceDate, Date.parse(priceDate) + maxPriceAgeMs);
  return isStale({ priceDate, atMs });
}

function fromReported({
  reported: { atto, isWhole },
  isCut,
}: {
  readonly reported: ReportedCost;
  readonly isCut: boolean;
}): Cost {
  const { usd, usdExact } = usdFromAtto(atto);
  return {
    status: isCut || !isWhole ? 'lower-bound' : 'priced',
    usd,
    usdExact,
    lineItems: [{ bucket: 'reported', quantity: 1, usd, usdExact }],
    source: 'provider',
    ...(isCut && { flags: ['output-incomplete'] as const }),
  };
}

/** A candidate that is a composite has added up its own attempts, in its report or in the error it ended with. */
function nestedCost(carrier: unknown): Cost | undefined {
  const cost = fieldOf(carrier, 'cost');
  // Only `addCosts` says how many parts a sum lacks.
  if (fieldOf(cost, 'incomplete') === undefined) return undefined;
  const [status, usd, usdExact] = [fieldOf(cost, 'status'), fieldOf(cost, 'usd'), fieldOf(cost, 'usdExact')];
  if (typeof usd !== 'number' || typeof usdExact !== 'string' || !isKnownStatus(status))
    return { status: 'unknown', lineItems: [] };
  return { status, usd, usdExact, lineItems: [{ bucket: 'reported', quantity: 1, usd, usdExact }] };
}

function isKnownStatus(status: unknown): status is Exclude<CostStatus, 'unknown'> {
  return status === 'priced' || status === 'estimated' || status === 'lower-bound';
}
