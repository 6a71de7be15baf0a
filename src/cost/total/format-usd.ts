/**
 * What is printed before an amount that is not certain, by the cost's status. Escaped, and in a template, which the build
 * leaves alone: one such letter makes V8 keep the whole file with two bytes a letter.
 */
const marks: Readonly<Record<string, string>> = { estimated: '~', 'lower-bound': `\u2265` };

/**
 * Prints an amount in USD for people, the only place where money is rounded: cents from a dollar up, six decimals
 * below, and two digits that count where even six would show nothing. An estimate starts with `~`, a lower bound with
 * `≥`; no amount is `unknown`.
 *
 * @example
 * formatUsd(0.00428); // $0.004280
 */
export function formatUsd(
  amount: number | string | { readonly usdExact?: string; readonly status?: string } | undefined,
): string {
  // JavaScript may bring a null.
  if (amount === null) return 'unknown';
  if (typeof amount === 'object') {
    const text = formatUsd(amount.usdExact);
    const mark = amount.status === undefined ? undefined : marks[amount.status];
    return mark === undefined || text === 'unknown' ? text : `${mark} ${text}`;
  }
  const usd = amount === undefined || amount === '' ? Number.NaN : Number(amount);
  if (!Number.isFinite(usd)) return 'unknown';
  if (usd < 0) return `-${formatUsd(-usd)}`;
  if (usd === 0) return '$0';
  if (usd >= 1) return `$${usd.toFixed(2)}`;
  // Seven decimals and more, without the exponent that `toPrecision` would write.
  return `$${usd.toFixed(usd < 0.000001 ? Math.min(20, 1 - Math.floor(Math.log10(usd))) : 6)}`;
}
