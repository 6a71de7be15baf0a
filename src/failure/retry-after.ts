import { readDuration, readWait, toNumber } from '../boundary/read-wait.ts';

type Headers = Readonly<Record<string, string>>;

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
