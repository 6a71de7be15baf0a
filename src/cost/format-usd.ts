/**
 * Prints an amount in USD for people, the only place where money is rounded: cents from a dollar up, six decimals
 * below, and two digits that count where even six would show nothing. A lower bound starts with `≥`; no amount is
 * `unknown`.
 *
 * @example
 * formatUsd(0.00428); // $0.004280
 */
export function formatUsd(
  amount: number | string | { readonly usdExact?: string; readonly status?: string } | undefined,
): string {
  if (typeof amount === 'object') {
    const text = formatUsd(amount.usdExact);
    return amount.status === 'lower-bound' && text !== 'unknown' ? `≥ ${text}` : text;
  }
  const usd = amount === undefined || amount === '' ? Number.NaN : Number(amount);
  if (!Number.isFinite(usd)) return 'unknown';
  if (usd < 0) return `-${formatUsd(-usd)}`;
  if (usd === 0) return '$0';
  if (usd >= 1) return `$${usd.toFixed(2)}`;
  // Seven decimals and more, without the exponent that `toPrecision` would write.
  return `$${usd.toFixed(usd < 0.000001 ? Math.min(20, 1 - Math.floor(Math.log10(usd))) : 6)}`;
}
