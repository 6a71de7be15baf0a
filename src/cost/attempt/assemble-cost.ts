import type { CatalogPrice, Found } from '../catalog/catalog-price.ts';
import type { Cost, CostFlag, CostStatus } from '../cost.ts';
import { type PricedShare, priceShares } from '../price/price-shares.ts';
import { catalogProviderOf } from '../price/provider-id.ts';
import { feeOfUse } from '../price/published-fee.ts';
import type { Surcharge } from '../price/rates.ts';
import { publishedFactor } from '../price/surcharge-factor.ts';
import type { Reading } from '../usage/reading.ts';
import { readServedUnder } from '../usage/served-under.ts';
import type { Evidence } from './evidence.ts';
import type { Settling } from './settling.ts';
import { stalePriceMessage } from './warnings.ts';

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
  'reasoning-unseen',
  'tool-fee-unknown',
]);

/** Puts the cost of a reading together: rates, surcharges, fees, and how much of it is certain. */
export function assembleCost({
  settling: { model, callOptions, observation, warnOnce },
  evidence: { usage, wire, providerMetadata, served, wireTier, isWireEarly },
  reading,
  main,
  found,
}: {
  readonly settling: Settling;
  readonly evidence: Evidence;
  readonly reading: Reading;
  readonly main: CatalogPrice;
  readonly found: readonly Found[];
}): Cost {
  const { provider, modelId } = model;
  const raw = wire ?? usage?.raw;
  const listed = () => listedAs({ provider, modelId: served ?? modelId, main });
  const under = readServedUnder({
    provider,
    raw,
    providerMetadata,
    wireTier,
    providerOptions: callOptions.providerOptions,
  });
  const shares = reading.shares.map((share, index): PricedShare => {
    const price = found[index]?.price;
    if (under.names.length === 0) return { share, price, surcharges: noSurcharges };
    const { owner, listedId } = listed();
    return {
      share,
      price,
      surcharges: surchargesOf({ owner, modelId: share.modelId ?? listedId, names: under.names }),
    };
  });
  // The chunks of a stream say more of its grounding than what the package keeps of them.
  const toolMetadata = observation.seen.gemini?.metadata() ?? providerMetadata;
  const tools = observation.tools.read({
    raw,
    providerMetadata: toolMetadata,
    modelId,
    isEarly: isWireEarly,
  });
  const {
    total,
    lineItems,
    flags: pricedFlags,
  } = priceShares({
    shares,
    uses: tools.uses,
    modelCalls: tools.modelCalls,
    feeOf: ({ bucket, listedFee }) => {
      const { owner, listedId } = listed();
      const seller = main.source === 'settings' ? undefined : catalogProviderOf(provider);
      return feeOfUse({ seller, owner, modelId: listedId, bucket, listedFee });
    },
  });

  const flags = reading.flags.concat(tools.flags, pricedFlags);
  let priceDate: string | undefined;
  for (const one of found) {
    if (one.price === undefined) continue;
    for (const flag of one.flags) flags.push(flag);
    // The oldest.
    if (one.priceDate !== undefined && (priceDate === undefined || one.priceDate < priceDate))
      priceDate = one.priceDate;
  }
  if (under.isUnconfirmed) flags.push('service-tier-requested');
  if (priceDate !== undefined && flags.includes('stale-price'))
    warnOnce({ type: 'stale-prices', provider, modelId, tell: () => stalePriceMessage(priceDate) });
  const list = flags.length > 1 ? [...new Set(flags)].sort() : flags;
  const cost: { -readonly [Key in keyof Cost]: Cost[Key] } = {
    status: statusOf(list),
    usd: total.usd,
    usdExact: total.usdExact,
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
  owner,
  modelId,
  names,
}: {
  readonly owner: string | undefined;
  readonly modelId: string;
  readonly names: readonly string[];
}): readonly Surcharge[] {
  return names.map(name => ({
    name,
    factor: publishedFactor({ provider: owner, modelId, surcharge: name }),
  }));
}

/**
 * Whose published factors and fees apply, and to which model: those of the entry the price is from, with a user's
 * price the provider's.
 */
function listedAs({
  provider,
  modelId,
  main: { source, priceOf },
}: {
  readonly provider: string;
  readonly modelId: string;
  readonly main: CatalogPrice;
}): { readonly owner: string | undefined; readonly listedId: string } {
  if (source === 'settings') return { owner: catalogProviderOf(provider), listedId: modelId };
  const slash = priceOf.indexOf('/');
  return { owner: priceOf.slice(0, slash), listedId: priceOf.slice(slash + 1) };
}

function statusOf(flags: readonly CostFlag[]): CostStatus {
  if (flags.length === 0) return 'priced';
  if (flags.some(flag => lacking.has(flag))) return 'lower-bound';
  return flags.some(flag => inferring.has(flag)) ? 'estimated' : 'priced';
}
