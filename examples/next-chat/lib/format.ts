/** A time as people read it: `30 ms`, `0.42 s`, `12.3 s`. */
export function formatTime(ms: number): string {
  if (ms < 100) return `${Math.round(ms)} ms`;
  const seconds = ms / 1_000;
  return `${seconds < 10 ? seconds.toFixed(2) : seconds.toFixed(1)} s`;
}

const wholeNumbers = new Intl.NumberFormat('en-US');

/** A count with its unit: `1,204 tokens`. */
export function formatCount(count: number, unit: string): string {
  return `${wholeNumbers.format(count)} ${unit}${count === 1 ? '' : 's'}`;
}
