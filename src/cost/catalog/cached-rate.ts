import type { Price } from '../price/price.ts';

/**
 * What a cached token costs of a fresh one at providers that say it for all their models at once, by the catalog's
 * id. Mistral: docs.mistral.ai/studio-api/conversations/advanced/prompt-caching (2026-11).
 */
const shares: Readonly<Record<string, number>> = { mistral: 0.1 };

/** A listed price with the cached rate that its provider's rule gives it, where the list has none. */
export function withCachedRate({
  price,
  provider,
}: {
  readonly price: Price;
  /** The catalog's id. */
  readonly provider: string;
}): Price {
  const share = shares[provider];
  if (share === undefined || price.cacheReadTokens !== undefined) return price;
  return { ...price, cacheReadTokens: Math.round(price.inputTokens * share * 1e9) / 1e9 };
}
