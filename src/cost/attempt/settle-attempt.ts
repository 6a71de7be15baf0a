import { notMade } from '../../provider/lazy-model.ts';
import { cachedCost, isMarkedCached } from '../cached.ts';
import type { CatalogMiss, Found } from '../catalog/catalog-price.ts';
import type { Cost, CostStatus } from '../cost.ts';
import { isSameModel } from '../price/model-id.ts';
import { usdFromAtto } from '../total/money.ts';
import { readUsage } from '../usage/read-usage.ts';
import type { Reading, Share } from '../usage/reading.ts';
import { readServedUnder } from '../usage/served-under.ts';
import { fieldOf } from '../usage/token-count.ts';
import { readToolUses } from '../usage/tool-uses.ts';
import { billCost, oldestDate } from './bill-cost.ts';
import { completeReading } from './complete-reading.ts';
import { type Evidence, gatherEvidence } from './evidence.ts';
import { isFreeRefusal, isNotBilled } from './not-billed.ts';
import { type ReportedCost, readReportedCost } from './reported-cost.ts';
import type { Settling } from './settling.ts';
import { stalePriceMessage, unknownPriceHint } from './warnings.ts';

/** Works a cost out, each time it is called. */
export type PriceLater = () => Cost;

/**
 * Finds out what one attempt is billed for, and at which prices. The arithmetic is left to whoever wants the cost; what
 * that needs is small, and all that had to be said or waited for is done.
 */
export function settleAttempt(settling: Settling): PriceLater | Promise<PriceLater> {
  const { call, end, finder, preferUserPrice, atMs } = settling;
  const evidence = gatherEvidence(settling);
  const { raw, providerMetadata, served, isCut } = evidence;
  const certain = certainCost({ settling, evidence });
  if (certain !== undefined) return known(certain);

  const reported = readReportedCost({
    provider: call.provider,
    raw,
    providerMetadata,
    headers: end.responseHeaders,
  });
  const wanted = { model: call, served, atMs };
  const own =
    reported !== undefined && (preferUserPrice || !reported.isUsd) ? finder.findSet(wanted) : undefined;
  if (reported !== undefined && own === undefined) return reportedLater({ reported, isCut });

  const found = own ?? finder.find(wanted);
  return found instanceof Promise
    ? found.then(own => findShares({ settling, evidence, found: own }))
    : findShares({ settling, evidence, found });
}

/** In a function of its own: beside others, what is returned would keep all that they use, the prompt too. */
function known(cost: Cost): PriceLater {
  return () => cost;
}

function reportedLater(reported: Parameters<typeof fromReported>[0]): PriceLater {
  return () => fromReported(reported);
}

/** The cost of an attempt that no price is needed for: cached, added up already, or not billed. */
function certainCost({
  settling: { call, seen, end },
  evidence: { usage, wire, raw, providerMetadata, stopReason },
}: Known): Cost | undefined {
  const { provider } = call;
  const { hasOutput } = seen;
  const composite = fieldOf(providerMetadata, 'composite');
  if (isMarkedCached(composite)) return cachedCost;
  const nested = nestedCost(composite) ?? nestedCost(end.error);
  if (nested !== undefined) return nested;
  const isSilent = !hasOutput && usage === undefined && wire === undefined;
  // A model that could not be made was never asked.
  const isRefused = end.outcome === 'failure' && isSilent && (provider === notMade || isNotBilled(end.error));
  return isRefused || isFreeRefusal({ provider, stopReason, hasOutput, raw })
    ? { status: 'priced', usd: 0, usdExact: '0', lineItems: [], source: 'not-billed' }
    : undefined;
}

type Known = { readonly settling: Settling; readonly evidence: Evidence };

function findShares({
  settling,
  evidence,
  found,
}: Known & { readonly found: Found }): PriceLater | Promise<PriceLater> {
  const { call, finder, atMs } = settling;
  const { provider, modelId } = call;
  const reading = readUsage({ provider, ...evidence });
  const { shares } = reading;
  // One share of the model itself, the usual; where nothing was read, it is estimated.
  if (shares.length < 2 && shares[0]?.modelId === undefined)
    return makeOut({ settling, evidence, reading, found, prices: [found] });
  const priceOf = ({ modelId: ranId }: Share) => {
    if (ranId === undefined) return found;
    // The model that was asked for keeps its own price, though another one may have served.
    const ran = isSameModel({ modelId: ranId, as: modelId }) ? call : { provider, modelId: ranId };
    return finder.find({ model: ran, served: ranId, atMs });
  };
  const finish = (prices: readonly Found[]) => makeOut({ settling, evidence, reading, found, prices });
  const prices = shares.map(priceOf);
  return areKnown(prices) ? finish(prices) : Promise.all(prices).then(finish);
}

function areKnown(prices: ReadonlyArray<Found | Promise<Found>>): prices is readonly Found[] {
  return !prices.some(price => price instanceof Promise);
}

/** Makes out the bill, and says what is to be said of it. */
function makeOut({
  settling,
  evidence,
  reading,
  found,
  prices,
}: Known & {
  readonly reading: Reading;
  readonly found: Found;
  readonly prices: readonly Found[];
}): PriceLater {
  const { call, seen, warnOnce } = settling;
  const { provider, modelId, callOptions } = call;
  const { raw, providerMetadata, served, wireTier, isWireEarly } = evidence;
  // After a server-side fallback the model that was asked for may have cost nothing.
  const main = prices[0]?.price === undefined ? found : prices[0];
  if (main.price === undefined) return unknownPrice({ settling, miss: main });
  const bill = {
    provider,
    modelId: served ?? modelId,
    reading: completeReading({ settling, evidence, reading }),
    tools: readToolUses({
      tools: callOptions.tools,
      results: seen.toolResults,
      raw,
      // The chunks of a stream say more of its grounding than what the package keeps of them.
      providerMetadata: seen.gemini?.metadata() ?? providerMetadata,
      modelId,
      isEarly: isWireEarly,
    }),
    under: readServedUnder({
      provider,
      raw,
      providerMetadata,
      wireTier,
      providerOptions: callOptions.providerOptions,
    }),
    main,
    prices,
  };
  const oldDate = prices.some(isStale) ? oldestDate(prices) : undefined;
  if (oldDate !== undefined)
    warnOnce({ type: 'stale-prices', provider, modelId, tell: () => stalePriceMessage(oldDate) });
  return () => billCost(bill);
}

function isStale(found: Found): boolean {
  return found.price !== undefined && found.flags.includes('stale-price');
}

function unknownPrice({
  settling: { call, warnOnce },
  miss,
}: Pick<Known, 'settling'> & { readonly miss: CatalogMiss }): PriceLater {
  const { provider, modelId } = call;
  // A composite that was stopped before its report has no price that could be set.
  if (provider === 'composite') return () => ({ status: 'unknown', lineItems: [] });
  const hint = () => unknownPriceHint({ provider, modelId, miss });
  warnOnce({ type: 'unknown-price', provider, modelId, tell: () => `ai-composite: ${hint()}` });
  return () => ({ status: 'unknown', lineItems: [], hint: hint() });
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
