/**
 * Reads how long a provider asks to wait: `retry-after-ms`, then `retry-after` (seconds or an HTTP date, RFC 9110 section
 * 10.2.3), then the `retryDelay` of Google's `google.rpc.RetryInfo`. Undefined where it says nothing usable; a date that
 * has passed is 0.
 */
export function readRetryAfter({
  headers,
  details,
  nowMs,
}: {
  readonly headers: Readonly<Record<string, string>> | undefined;
  readonly details: ReadonlyArray<unknown>;
  readonly nowMs: number;
}): number | undefined {
  const milliseconds = toNumber(headers?.['retry-after-ms']);
  if (milliseconds !== undefined) return milliseconds;

  const header = headers?.['retry-after'];
  const seconds = toNumber(header);
  if (seconds !== undefined) return seconds * 1000;
  // An HTTP date starts with the day's name; `Date.parse` alone would find a date in "-1" too.
  const date = header !== undefined && /^[A-Za-z]{3,9},? /.test(header) ? Date.parse(header) : Number.NaN;
  if (!Number.isNaN(date)) return Math.max(0, date - nowMs);

  for (const detail of details) {
    const delay =
      typeof detail === 'object' && detail !== null && 'retryDelay' in detail ? detail.retryDelay : undefined;
    const match = typeof delay === 'string' ? /^(\d+(?:\.\d+)?)s$/.exec(delay) : null;
    if (match !== null) return Number(match[1]) * 1000;
  }
  return undefined;
}

function toNumber(value: string | undefined): number | undefined {
  if (value === undefined || value.trim() === '') return undefined;
  const number = Number(value);
  return Number.isFinite(number) && number >= 0 ? number : undefined;
}
