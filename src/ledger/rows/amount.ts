import { attoFromUsd, type Usd, usdFromAtto } from '../../cost/total/money.ts';

const attoPerNano = 1_000_000_000n;

/** An amount as two whole numbers, which any database adds up without an error: 1e-9 USD and 1e-18 USD. */
export type Amount = { readonly nanoUsd: number; readonly attoUsd: number };

/** Splits a decimal amount; no amount adds nothing. */
export function amountOf(usdExact: string | undefined): Amount {
  if (usdExact === undefined) return { nanoUsd: 0, attoUsd: 0 };
  const atto = attoFromUsd(usdExact);
  return { nanoUsd: Number(atto / attoPerNano), attoUsd: Number(atto % attoPerNano) };
}

/** Puts sums of the two together again; they come as text, since they may be above what a double holds. */
export function usdOfSums({ nanoUsd, attoUsd }: { readonly nanoUsd: string; readonly attoUsd: string }): Usd {
  return usdFromAtto(BigInt(nanoUsd) * attoPerNano + BigInt(attoUsd));
}
