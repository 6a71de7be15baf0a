import type { Found } from '../catalog/catalog-price.ts';
import type { Cost, CostFlag, CostStatus } from '../cost.ts';
import { type PricedShare, priceShares } from '../price/price-shares.ts';
import { catalogProviderOf } from '../price/provider-id.ts';
import { feeOfUse } from '../price/published-fee.ts';
import type { Surcharge } from '../price/rates.ts';
import { publishedFactor } from '../price/surcharge-factor.ts';
import type { Bill } from './settling.ts';

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

/** Works out the cost of a bill: rates, surcharges, fees, and how much of it is certain. */
export function billCost(bill: Bill): Cost {
  const { reading, tools, under, main, prices } = bill;
  const {
    total,
    lineItems,
    flags: pricedFlags,
  } = priceShares({
    shares: shareOut(bill),
    uses: tools.uses,
    modelCalls: tools.modelCalls,
    feeOf: ({ bucket, listedFee }) => {
      const { owner, listedId } = listedAs(bill);
      const seller = main.source === 'settings' ? undefined : catalogProviderOf(bill.provider);
      return feeOfUse({ seller, owner, modelId: listedId, bucket, listedFee });
    },
  });

  const flags = reading.flags.concat(tools.flags, pricedFlags);
  for (const found of prices) if (found.price !== undefined) flags.push(...found.flags);
  if (under.isUnconfirmed) flags.push('service-tier-requested');
  const list = flags.length > 1 ? [...new Set(flags)].sort() : flags;
  const priceDate = oldestDate(prices);
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

/** The day the oldest of the list prices was last known to be right. */
export function oldestDate(prices: readonly Found[]): string | undefined {
  let oldest: string | undefined;
  for (const found of prices)
    if (
      found.price !== undefined &&
      found.priceDate !== undefined &&
      !(oldest !== undefined && oldest <= found.priceDate)
    )
      oldest = found.priceDate;
  return oldest;
}

const noSurcharges: readonly Surcharge[] = [];

/** Every share with its price and what it was served under. */
function shareOut(bill: Bill): readonly PricedShare[] {
  const { names } = bill.under;
  return bill.reading.shares.map((share, index) => {
    const price = bill.prices[index]?.price;
    if (names.length === 0) return { share, price, surcharges: noSurcharges };
    const { owner, listedId } = listedAs(bill);
    const modelId = share.modelId ?? listedId;
    const surcharges = names.map(name => ({
      name,
      factor: publishedFactor({ provider: owner, modelId, surcharge: name }),
    }));
    return { share, price, surcharges };
  });
}

/**
 * Whose published factors and fees apply, and to which model: those of the entry the price is from, with a user's
 * price the provider's.
 */
export function listedAs({
  provider,
  modelId,
  main: { source, priceOf },
}: Pick<Bill, 'provider' | 'modelId' | 'main'>): {
  readonly owner: string | undefined;
  readonly listedId: string;
} {
  if (source === 'settings') return { owner: catalogProviderOf(provider), listedId: modelId };
  const slash = priceOf.indexOf('/');
  return { owner: priceOf.slice(0, slash), listedId: priceOf.slice(slash + 1) };
}

function statusOf(flags: readonly CostFlag[]): CostStatus {
  if (flags.length === 0) return 'priced';
  if (flags.some(flag => lacking.has(flag))) return 'lower-bound';
  return flags.some(flag => inferring.has(flag)) ? 'estimated' : 'priced';
}
