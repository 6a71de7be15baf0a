import { notMade } from '../../provider/lazy-model.ts';
import { cachedCost, isMarkedCached } from '../cached.ts';
import type { Found } from '../catalog/catalog-price.ts';
import type { Cost, CostStatus } from '../cost.ts';
import { isSameModel } from '../price/model-id.ts';
import { usdFromAtto } from '../total/money.ts';
import { readUsage } from '../usage/read-usage.ts';
import type { Share } from '../usage/reading.ts';
import { fieldOf } from '../usage/token-count.ts';
import { assembleCost } from './assemble-cost.ts';
import { completeReading } from './complete-reading.ts';
import { type Evidence, gatherEvidence } from './evidence.ts';
import { isFreeRefusal, isNotBilled } from './not-billed.ts';
import { type ReportedCost, readReportedCost } from './reported-cost.ts';
import type { Settling } from './settling.ts';
import { unknownPriceHint } from './warnings.ts';

/** Prices one attempt from all that was seen of it. */
export function settleCost(settling: Settling): Cost | Promise<Cost> {
  const { model, observation, end, finder, preferUserPrice, atMs } = settling;
  const evidence = gatherEvidence(settling);
  const { usage, wire, providerMetadata, served, stopReason, isCut } = evidence;
  const raw = wire ?? usage?.raw;

  const composite = fieldOf(providerMetadata, 'composite');
  if (isMarkedCached(composite)) return cachedCost;
  const nested = nestedCost(composite) ?? nestedCost(end.error);
  if (nested !== undefined) return nested;
  const isSilent = !observation.seen.hasOutput && usage === undefined && wire === undefined;
  // A model that could not be made was never asked.
  const { provider } = model;
  const { hasOutput } = observation.seen;
  if (
    (end.outcome === 'failure' && isSilent && (provider === notMade || isNotBilled(end.error))) ||
    isFreeRefusal({ provider, stopReason, hasOutput, raw })
  ) {
    return { status: 'priced', usd: 0, usdExact: '0', lineItems: [], source: 'not-billed' };
  }
  const reported = readReportedCost({ provider, raw, providerMetadata, headers: end.responseHeaders });
  const own =
    reported !== undefined && (preferUserPrice || !reported.isUsd)
      ? finder.findSet({ model, served, atMs })
      : undefined;
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
  const { model, finder, atMs, warnOnce } = settling;
  const { provider, modelId } = model;
  const reading = readUsage({ provider, ...evidence });
  const priceOf = ({ modelId: ranId }: Share) => {
    if (ranId === undefined) return found;
    // The model that was asked for keeps its own price, though another one may have served.
    const ran = isSameModel({ modelId: ranId, as: modelId }) ? model : { provider, modelId: ranId };
    return finder.find({ model: ran, served: ranId, atMs });
  };
  const settle = (prices: readonly Found[]): Cost => {
    // After a server-side fallback the model that was asked for may have cost nothing.
    const main = prices[0]?.price === undefined ? found : prices[0];
    if (main.price !== undefined)
      return assembleCost({
        settling,
        evidence,
        reading: completeReading({ settling, evidence, reading }),
        main,
        found: prices,
      });
    // A composite that was stopped before its report has no price that could be set.
    if (provider === 'composite') return { status: 'unknown', lineItems: [] };
    const hint = unknownPriceHint({ provider, modelId, miss: main });
    warnOnce({ type: 'unknown-price', provider, modelId, tell: () => `ai-composite: ${hint}` });
    return { status: 'unknown', lineItems: [], hint };
  };
  // One share of the model itself, the usual; where nothing was read, it is estimated.
  if (reading.shares.length < 2 && reading.shares[0]?.modelId === undefined) return settle([found]);
  const prices = reading.shares.map(priceOf);
  return areKnown(prices) ? settle(prices) : Promise.all(prices).then(settle);
}

function areKnown(prices: ReadonlyArray<Found | Promise<Found>>): prices is readonly Found[] {
  return !prices.some(price => price instanceof Promise);
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
