/** A number of seconds or milliseconds as large as these can be a point in time; how near it must be to be one. */
const epochFrom = { seconds: 1e9, milliseconds: 1e12 };
const dayMs = 86_400_000;

/** Seconds, a duration with units, a date, or a point in time in seconds or milliseconds. */
export function readWait({
  text,
  nowMs,
}: {
  readonly text: string | undefined;
  readonly nowMs: number;
}): number | undefined {
  if (text === undefined) return undefined;
  const number = toNumber(text);
  if (number !== undefined) return untilEpoch({ number, nowMs }) ?? number * 1000;
  const duration = readDuration(text.trim());
  if (duration !== undefined) return duration;
  // An HTTP date starts with the day's name, an ISO date with the year; `Date.parse` alone would find one in "-1" too.
  const date = /^(?:[A-Za-z]{3,9},? |\d{4}-\d\d-\d\dT)/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}

/** Nobody waits for years, so a number that is a point in time near now is one. */
function untilEpoch({
  number,
  nowMs,
}: {
  readonly number: number;
  readonly nowMs: number;
}): number | undefined {
  for (const [from, unitMs] of [
    [epochFrom.seconds, 1000],
    [epochFrom.milliseconds, 1],
  ] as const) {
    const waitMs = number * unitMs - nowMs;
    if (number >= from && waitMs > -dayMs && waitMs < 366 * dayMs) return Math.max(0, waitMs);
  }
  return undefined;
}

const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: dayMs };

/** `7.66s`, `2m59.5s`, `120ms`: as Go prints a duration. */
export function readDuration(text: string): number | undefined {
  if (!/^(?:\d+(?:\.\d+)?(?:ms|[smhd]))+$/.test(text)) return undefined;
  let totalMs = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g))
    totalMs += Number(amount) * (unitsMs[unit ?? ''] ?? 0);
  return totalMs;
}

/** A number of at least 0. */
export function toNumber(value: string | undefined): number | undefined {
  if (value === undefined || value.trim() === '') return undefined;
  const number = Number(value);
  return Number.isFinite(number) && number >= 0 ? number : undefined;
}
