import type { Price, Prices } from './price.ts';
import { catalogProviderOf } from './provider-id.ts';

/**
 * Finds the price a user set for a model: an exact key before a pattern, a longer pattern before a shorter one, and
 * the first of the given ids before the next.
 */
export function findUserPrice({
  prices,
  provider,
  modelIds,
}: {
  readonly prices: Prices;
  /** The model's `provider`; a key may name it whole or up to any of its dots. */
  readonly provider: string;
  readonly modelIds: readonly string[];
}): { readonly key: string; readonly price: Price } | undefined {
  const names = namesOf(provider);
  for (const modelId of modelIds) {
    for (const name of names) {
      const key = `${name}/${modelId}` as const;
      const price = Object.hasOwn(prices, key) ? prices[key] : undefined;
      if (price !== undefined) return { key, price };
    }
  }
  for (const modelId of modelIds) {
    let found: { readonly key: string; readonly price: Price } | undefined;
    for (const [key, price] of Object.entries(prices)) {
      if (!key.endsWith('*') || (found !== undefined && key.length <= found.key.length)) continue;
      const start = key.slice(0, -1);
      if (names.some(name => `${name}/${modelId}`.startsWith(start))) found = { key, price };
    }
    if (found !== undefined) return found;
  }
  return undefined;
}

/** `xai.chat` → itself, `xai`, and the catalog's name for it, `x-ai`. */
function namesOf(provider: string): readonly string[] {
  const names = [provider];
  for (let dot = provider.lastIndexOf('.'); dot > 0; dot = provider.lastIndexOf('.', dot - 1))
    names.push(provider.slice(0, dot));
  const listed = catalogProviderOf(provider);
  if (listed !== undefined && !names.includes(listed)) names.push(listed);
  return names;
}
