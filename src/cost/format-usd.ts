/**
 * Prints an amount in USD for people: cents from a dollar up, six decimals below, exact digits beyond where even those would
 * show nothing. A sum that may be higher starts with `≥`, an unknown one is `unknown`. The only place where money is rounded.
 */
export function formatUsd(
  amount: number | string | { readonly usdExact?: string; readonly status?: string } | undefined,
): string {
  if (typeof amount === 'object') {
    const text = formatUsd(amount.usdExact);
    return amount.status === 'lower-bound' && text !== 'unknown' ? `≥ ${text}` : text;
  }
  if (amount === undefined) return 'unknown';
  const usd = Number(amount);
  if (!Number.isFinite(usd)) return 'unknown';
  if (usd === 0) return '$0';
  if (Math.abs(usd) >= 1) return `$${usd.toFixed(2)}`;
  return Math.abs(usd) < 0.000001 ? `$${usd.toPrecision(2)}` : `$${usd.toFixed(6)}`;
}
