/**
 * Exact money. An amount is a bigint count of atto-USD (1e-18 USD).
 *
 * The scale follows from the numbers: list prices have at most six decimals per million tokens, which is a pico-USD
 * (1e-12) per token; a surcharge such as 1.1x, or two of them, adds a few digits more. At 1e-18 all of that is whole, a
 * bigint does not overflow, and a price with still more digits is rounded once, per token, so that cost stays linear in
 * the tokens and splitting a call cannot change it.
 */
export type AttoUsd = bigint;

const decimals = 18;
const attoPerUsd = 10n ** 18n;
const attoPerPico = 1_000_000n;
const largestExact = BigInt(Number.MAX_SAFE_INTEGER);

/** Reads a decimal number such as `0.00014` or `1.4e-7` as its digits and the power of ten below them. */
export function decimalOf(value: number | string): { readonly digits: bigint; readonly scale: number } {
  const [mantissa = '0', exponent = '0'] = String(value).toLowerCase().split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  const digits = BigInt(whole + fraction);
  const scale = fraction.length - Number(exponent);
  return scale >= 0 ? { digits, scale } : { digits: digits * 10n ** BigInt(-scale), scale: 0 };
}

/** Divides and rounds half up; both numbers are at least 0. */
export function divideRounded({
  dividend,
  divisor,
}: {
  readonly dividend: bigint;
  readonly divisor: bigint;
}): bigint {
  return (dividend * 2n + divisor) / (divisor * 2n);
}

/** Turns USD, as a JSON number or a decimal string, into atto-USD: the shortest decimal that names the number. */
export function attoFromUsd(usd: number | string): AttoUsd {
  const { digits, scale } = decimalOf(usd);
  if (scale <= decimals) return digits * 10n ** BigInt(decimals - scale);
  const negative = digits < 0n;
  const rounded = divideRounded({
    dividend: negative ? -digits : digits,
    divisor: 10n ** BigInt(scale - decimals),
  });
  return negative ? -rounded : rounded;
}

/** Turns atto-USD into the nearest USD number. */
export function usdFromAtto(atto: AttoUsd): number {
  // Both operands of these divisions are exact doubles, so the quotient is the correctly rounded one; the decimal
  // string says the same for any amount, only slower.
  if (atto <= largestExact && atto >= -largestExact) return Number(atto) / 1e18;
  const pico = atto / attoPerPico;
  if (pico * attoPerPico === atto && pico <= largestExact && pico >= -largestExact)
    return Number(pico) / 1e12;
  return Number(usdTextFromAtto(atto));
}

/** Writes atto-USD as a plain decimal string with no trailing zeros, for example `0.00014`. */
export function usdTextFromAtto(atto: AttoUsd): string {
  if (atto < 0n) return `-${usdTextFromAtto(-atto)}`;
  const text = atto.toString();
  const whole = text.length > decimals ? text.slice(0, -decimals) : '0';
  const fraction = text.length > decimals ? text.slice(-decimals) : text.padStart(decimals, '0');
  let end = fraction.length;
  while (end > 0 && fraction.charCodeAt(end - 1) === 48) end--;
  return end === 0 ? whole : `${whole}.${fraction.slice(0, end)}`;
}

/** One US dollar in atto-USD. */
export const oneUsd: AttoUsd = attoPerUsd;
