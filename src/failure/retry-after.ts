type Headers = Readonly<Record<string, string>>;

/** A number of seconds or milliseconds as large as these can be a point in time; how near it must be to be one. */
const epochFrom = { seconds: 1e9, milliseconds: 1e12 };
const dayMs = 86_400_000;

/**
 * Reads how long a provider asks to wait, in milliseconds, from the first of these that says it:
 *
 * - `retry-after-ms` (OpenAI), `x-ms-retry-after-ms` (Azure);
 * - `retry-after` (RFC 9110 section 10.2.3): seconds or an HTTP date; also an ISO date, `1m30s`, and a point in time in
 *   seconds or milliseconds since the epoch, which some gateways send in its place;
 * - `retryDelay` of Google's `google.rpc.RetryInfo`;
 * - at a 429, the `…reset…` header beside each `…remaining…` header that is 0 (OpenAI, Anthropic, Groq, OpenRouter also in
 *   the error's `metadata.headers`); the latest, since all must allow the request.
 *
 * Undefined where nothing usable is said; a time that has passed is 0. Not bounded: a number may be absurd, and whoever goes
 * by it bounds it.
 */
export function readRetryAfter({
  headers = {},
  details,
  statusCode,
  nowMs,
}: {
  readonly headers: Headers | undefined;
  readonly details: ReadonlyArray<unknown>;
  readonly statusCode: number | undefined;
  readonly nowMs: number;
}): number | undefined {
  const milliseconds = toNumber(headers['retry-after-ms']) ?? toNumber(headers['x-ms-retry-after-ms']);
  if (milliseconds !== undefined) return milliseconds;
  const asked = readWait({ text: headers['retry-after'], nowMs }) ?? readRetryInfo(details);
  if (asked !== undefined || statusCode !== 429) return asked;

  const waits = [headers, ...details.filter(isHeaders)].flatMap(from => resetsOf({ headers: from, nowMs }));
  return waits.length === 0 ? undefined : Math.max(...waits);
}

/** The waits until every limit of which nothing remains is reset. */
function resetsOf({
  headers,
  nowMs,
}: {
  readonly headers: Headers;
  readonly nowMs: number;
}): ReadonlyArray<number> {
  const byName = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  return [...byName].flatMap(([name, value]) => {
    if (!name.includes('remaining') || toNumber(value) !== 0) return [];
    return readWait({ text: byName.get(name.replace('remaining', 'reset')), nowMs }) ?? [];
  });
}

/** Seconds, a duration with units, a date, or a point in time in seconds or milliseconds. */
function readWait({
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
function readDuration(text: string): number | undefined {
  if (!/^(?:\d+(?:\.\d+)?(?:ms|[smhd]))+$/.test(text)) return undefined;
  let totalMs = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g))
    totalMs += Number(amount) * (unitsMs[unit ?? ''] ?? 0);
  return totalMs;
}

/** `google.rpc.RetryInfo`: `"12.5s"` in JSON, `{ seconds, nanos }` where a library decoded it. */
function readRetryInfo(details: ReadonlyArray<unknown>): number | undefined {
  for (const detail of details) {
    const delay =
      typeof detail === 'object' && detail !== null && 'retryDelay' in detail ? detail.retryDelay : undefined;
    const waitMs = typeof delay === 'string' ? readDuration(delay) : ofProtobuf(delay);
    if (waitMs !== undefined) return waitMs;
  }
  return undefined;
}

function ofProtobuf(delay: unknown): number | undefined {
  if (typeof delay !== 'object' || delay === null) return undefined;
  const [seconds, nanos] = [Number(Reflect.get(delay, 'seconds')), Number(Reflect.get(delay, 'nanos') ?? 0)];
  return seconds >= 0 && nanos >= 0 ? seconds * 1000 + nanos / 1e6 : undefined;
}

function isHeaders(detail: unknown): detail is Headers {
  return (
    typeof detail === 'object' &&
    detail !== null &&
    Object.values(detail).every(value => typeof value === 'string')
  );
}

function toNumber(value: string | undefined): number | undefined {
  if (value === undefined || value.trim() === '') return undefined;
  const number = Number(value);
  return Number.isFinite(number) && number >= 0 ? number : undefined;
}
