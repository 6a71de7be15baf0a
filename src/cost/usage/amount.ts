import { type AttoUsd, attoFromUsd } from '../money.ts';

/** Reads an amount of USD: a number of at least 0, or the text of one; undefined for anything else. */
export function amountOf(value: unknown): AttoUsd | undefined {
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 ? attoFromUsd(value) : undefined;
  return typeof value === 'string' && /^\d+(?:\.\d+)?(?:e-?\d+)?$/i.test(value)
    ? attoFromUsd(value)
    : undefined;
}
