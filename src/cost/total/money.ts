/**
 * Exact money. An amount is a bigint count of atto-USD (1e-18 USD).
 *
 * The scale follows from the numbers: list prices have at most six decimals per million tokens, which is a pico-USD
 * (1e-12) per token; a surcharge such as 1.1x, or two of them, adds a few digits more. At 1e-18 all of that is whole,
 * a bigint does not overflow, and a price with still more digits is rounded once, per token, so that cost stays
 * linear in the tokens and splitting a call cannot change it.
 */
export type AttoUsd = bigint;

const attoDecimals = 18;
const attoPerPico = 1_000_000n;
/** A trillionth of a dollar is the unit of most amounts. */
export const picoPerUsd = 1e12;
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
  if (scale <= attoDecimals) return digits * 10n ** BigInt(attoDecimals - scale);
  const negative = digits < 0n;
  const rounded = divideRounded({
    dividend: negative ? -digits : digits,
    divisor: 10n ** BigInt(scale - attoDecimals),
  });
  return negative ? -rounded : rounded;
}

/** An amount as it leaves this package: JSON carries no bigint. */
export type Usd = {
  /** The double nearest to the exact amount. */
  readonly usd: number;
  /** The exact amount as a plain decimal string with no trailing zeros, for example `0.00014`. */
  readonly usdExact: string;
};

/** Writes atto-USD as a number and as an exact decimal. */
export function usdFromAtto(atto: AttoUsd): Usd {
  const pico = picoOf(atto);
  if (pico !== undefined) return usdFromPico(pico);
  const text = decimalText({ digits: (atto < 0n ? -atto : atto).toString(), decimals: 18 });
  const usdExact = atto < 0n ? `-${text}` : text;
  return { usd: Number(usdExact), usdExact };
}

/**
 * Whole pico-USD (1e-12 USD) up to nine thousand dollars, which is nearly every amount, are integers that a double
 * holds exactly. Then sums, products and digits need no bigint, and all of it takes a third of the time.
 */
function picoOf(atto: AttoUsd): number | undefined {
  const pico = atto / attoPerPico;
  return pico * attoPerPico === atto && pico >= 0n && pico <= largestExact ? Number(pico) : undefined;
}

function usdFromPico(pico: number): Usd {
  // Both operands are exact, so the quotient is the correctly rounded one.
  return { usd: pico / picoPerUsd, usdExact: decimalText({ digits: String(pico), decimals: 12 }) };
}

/** A price per unit, ready to be multiplied. */
export type UnitPrice = { readonly atto: AttoUsd; readonly pico: number | undefined };

/** Makes a unit price of an amount. */
export function unitPrice(atto: AttoUsd): UnitPrice {
  return { atto, pico: picoOf(atto) };
}

/** A quantity times a unit price in pico-USD, as a double: for estimates, which need no exact amount. */
export function roughPico({
  quantity,
  unit,
}: {
  readonly quantity: number;
  readonly unit: UnitPrice;
}): number {
  return quantity * (unit.pico ?? Number(unit.atto) / Number(attoPerPico));
}

/** Whole pico-USD of a plain decimal of up to nine thousand dollars, in doubles; undefined for any other. */
function picoOfDecimal(usdExact: string): number | undefined {
  const point = usdExact.indexOf('.');
  const decimals = point === -1 ? 0 : usdExact.length - point - 1;
  if (decimals > 12 || (point === -1 ? usdExact.length : point) > 4 || !plainDecimal.test(usdExact))
    return undefined;
  const whole = Number(point === -1 ? usdExact : usdExact.slice(0, point)) * picoPerUsd;
  // Both terms are whole numbers that a double holds.
  return decimals === 0 ? whole : whole + Number(usdExact.slice(point + 1)) * 10 ** (12 - decimals);
}

const plainDecimal = /^\d+(?:\.\d+)?$/;
const anyDecimal = /^-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,2})?$/i;

/** An exact sum. */
export type Sum = {
  /** Adds a quantity times a unit price, and returns the product. */
  readonly add: (line: { readonly quantity: number; readonly unit: UnitPrice }) => Usd;
  /** Adds an amount given as a decimal; false, and nothing added, where the text is no number. */
  readonly addDecimal: (usdExact: string) => boolean;
  readonly total: () => Usd;
};

/** Starts a sum at nothing. */
export function createSum(): Sum {
  let pico = 0;
  let atto: AttoUsd = 0n;
  /** A sum of doubles this far below the limit is the exact integer. */
  const addPico = (more: number | undefined) => {
    if (more === undefined || pico + more > Number.MAX_SAFE_INTEGER) return false;
    pico += more;
    return true;
  };
  return {
    add: ({ quantity, unit }) => {
      const product = unit.pico === undefined ? undefined : quantity * unit.pico;
      if (product !== undefined && addPico(product)) return usdFromPico(product);
      const large = BigInt(quantity) * unit.atto;
      atto += large;
      return usdFromAtto(large);
    },
    addDecimal: usdExact => {
      if (addPico(picoOfDecimal(usdExact))) return true;
      if (!anyDecimal.test(usdExact)) return false;
      atto += attoFromUsd(usdExact);
      return true;
    },
    total: () => (atto === 0n ? usdFromPico(pico) : usdFromAtto(atto + BigInt(pico) * attoPerPico)),
  };
}

function decimalText({ digits, decimals }: { readonly digits: string; readonly decimals: number }): string {
  const point = digits.length - decimals;
  const fraction = point > 0 ? digits.slice(point) : digits.padStart(decimals, '0');
  let end = fraction.length;
  while (end > 0 && fraction.charCodeAt(end - 1) === 48) end--;
  const whole = point > 0 ? digits.slice(0, point) : '0';
  return end === 0 ? whole : `${whole}.${fraction.slice(0, end)}`;
}
