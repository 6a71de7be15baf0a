import { listedAs } from '../attempt/bill-cost.ts';
import type { PricedCall } from '../attempt/meter.ts';
import type { CatalogPrice, Found } from '../catalog/catalog-price.ts';
import { type RateTable, rateTable, type Surcharge } from '../price/rates.ts';
import { publishedFactor } from '../price/surcharge-factor.ts';
import { type AttoUsd, attoFromUsd } from '../total/money.ts';
import type { TokenBucket } from '../usage/bucket.ts';
import { readServedUnder } from '../usage/served-under.ts';

/** What a request can cost at most, exact, before it is made: so much, and so much more for each token of the answer. */
export type WorstCase = { readonly input: AttoUsd; readonly perOutputToken: AttoUsd };

/** By how much the estimate of an input may be off where it decides between two rates. */
const tierTolerance = 1.1;

/** An input is written to a cache at most once, and an answer may be of any of these. */
const inputBuckets: ReadonlyArray<TokenBucket> = ['inputTokens', 'cacheWriteTokens'];
const outputBuckets: ReadonlyArray<TokenBucket> = [
  'outputTokens',
  'reasoningTokens',
  'outputAudioTokens',
  'outputImageTokens',
];

/**
 * Works out what a request can cost at most at a price: its estimated input at the dearest of fresh and cache-writing input,
 * its output at the dearest kind, with the fee per request, the long-context tier and the service tier that it asks for. Tools
 * that the provider runs and bills by the use are not foreseen. Undefined where no price or no input is known.
 */
export function worstCaseOf({
  found,
  call,
  inputTokens,
}: {
  readonly found: Found;
  readonly call: PricedCall;
  readonly inputTokens: number | undefined;
}): WorstCase | undefined {
  if (found.price === undefined || inputTokens === undefined) return undefined;
  const { price } = found;
  const surcharges = dearerTiers({ main: found, call });
  const tables = [inputTokens, inputTokens * tierTolerance].map(size =>
    rateTable({ price, inputTokens: size, surcharges }),
  );
  return {
    input:
      attoFromUsd(price.uses?.request ?? 0) +
      BigInt(Math.ceil(inputTokens)) * dearest({ tables, buckets: inputBuckets }),
    perOutputToken: dearest({ tables, buckets: outputBuckets }),
  };
}

/** The service tiers that a request asks for, where they cost more: it may also be served under the standard one. */
function dearerTiers({
  main,
  call: { provider, modelId, callOptions },
}: {
  readonly main: CatalogPrice;
  readonly call: PricedCall;
}): ReadonlyArray<Surcharge> {
  const { providerOptions } = callOptions;
  if (providerOptions === undefined) return [];
  const nothingSeen = { raw: undefined, providerMetadata: undefined, wireTier: undefined };
  const { names } = readServedUnder({ provider, ...nothingSeen, providerOptions });
  const { owner, listedId } = listedAs({ provider, modelId, main });
  return names
    .map(name => ({ name, factor: publishedFactor({ provider: owner, modelId: listedId, surcharge: name }) }))
    .filter(({ factor }) => factor === undefined || factor > 1);
}

function dearest({
  tables,
  buckets,
}: {
  readonly tables: ReadonlyArray<RateTable>;
  readonly buckets: ReadonlyArray<TokenBucket>;
}): AttoUsd {
  let most = 0n;
  for (const table of tables)
    for (const bucket of buckets) {
      const { atto } = table(bucket).unit;
      if (atto > most) most = atto;
    }
  return most;
}
