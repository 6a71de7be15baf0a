/** A share with the interval that it lies in 19 times of 20. */
export type Share = { readonly share: number; readonly low: number; readonly high: number };

/** A share of hits, by Wilson's interval, which stays between 0 and 1. */
export function shareOf({ hits, count }: { readonly hits: number; readonly count: number }): Share {
  if (count === 0) return { share: Number.NaN, low: Number.NaN, high: Number.NaN };
  const z = 1.96;
  const share = hits / count;
  const middle = (share + z ** 2 / (2 * count)) / (1 + z ** 2 / count);
  const half =
    (z / (1 + z ** 2 / count)) * Math.sqrt((share * (1 - share)) / count + z ** 2 / (4 * count ** 2));
  return { share, low: middle - half, high: middle + half };
}

/** A random source that gives the same numbers for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The value below which a share of the sorted values lies; the nearest one. */
export function percentile({
  sorted,
  share,
}: {
  readonly sorted: ReadonlyArray<number>;
  readonly share: number;
}): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

/** `12.3 %`. */
export const percent = (share: number, digits = 1): string => `${(share * 100).toFixed(digits)} %`;

/** Half an interval's width, in points. */
export const plusMinus = ({ low, high }: Share): string => `± ${(((high - low) / 2) * 100).toFixed(1)}`;

/** A table in markdown, the first column left, the others right. */
export function markdownTable({
  head,
  rows,
}: {
  readonly head: ReadonlyArray<string>;
  readonly rows: ReadonlyArray<ReadonlyArray<string>>;
}): string {
  const line = (cells: ReadonlyArray<string>) => `| ${cells.join(' | ')} |`;
  return [line(head), `|---|${'--:|'.repeat(head.length - 1)}`, ...rows.map(line)].join('\n');
}
