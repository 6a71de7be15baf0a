import type { ModelInfo } from '@pydantic/genai-prices';

const dayMs = 24 * 60 * 60 * 1_000;
const leastMs = 60 * dayMs;
const mostMs = 365 * dayMs;

/**
 * Tells whether a list price may well have changed since it was checked.
 *
 * A price is trusted for as long again as it had held when it was last checked, but for 60 days at least and for a
 * year at most: one that was cut a month before is old after 60 days, one that never changed on record after a year.
 */
export function isStale({
  checked,
  since,
  atMs,
}: {
  /** The day it was last known to be right, as `YYYY-MM-DD`. */
  readonly checked: string;
  /** The day from which it held; undefined where no other price of the model is on record. */
  readonly since: string | undefined;
  readonly atMs: number;
}): boolean {
  const checkedMs = Date.parse(checked);
  const heldMs = since === undefined ? mostMs : checkedMs - Date.parse(since);
  return atMs > checkedMs + Math.min(mostMs, Math.max(leastMs, heldMs));
}

/** The day from which the price that held on the list's day held; undefined where there never was another. */
export function heldSince({
  model: { prices },
  priceDate,
}: {
  readonly model: ModelInfo;
  readonly priceDate: string;
}): string | undefined {
  if (!Array.isArray(prices)) return undefined;
  return prices
    .flatMap(({ constraint }) => (constraint?.type === 'start_date' ? [constraint.start_date] : []))
    .findLast(start => start <= priceDate);
}
