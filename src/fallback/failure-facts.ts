import { APICallError } from '@ai-sdk/provider';

/** What an error says about itself, wherever a provider package keeps it. */
export type Facts = {
  readonly statusCode: number | undefined;
  /** Lower case, the most specific first. */
  readonly codes: ReadonlyArray<string>;
  readonly message: string | undefined;
  readonly headers: Readonly<Record<string, string>> | undefined;
  readonly details: ReadonlyArray<unknown>;
  readonly dailyQuota: boolean;
};

/**
 * Reads an error's facts: the HTTP status, the codes and the retry hints of the error, its causes, the provider's own error
 * body in them (parsed or as text), and the plain objects that come as error parts of a stream. Never throws.
 */
export function readFacts(error: unknown): Facts {
  const codes: string[] = [];
  let statusCode: number | undefined;
  let headers: Readonly<Record<string, string>> | undefined;
  const details: unknown[] = [];
  let message: string | undefined;

  for (const cause of causesOf(error)) {
    if (APICallError.isInstance(cause)) {
      headers ??= cause.responseHeaders;
      statusCode ??= cause.statusCode;
    }
    for (const body of bodiesOf(cause)) {
      const status = httpStatusOf(body.statusCode) ?? httpStatusOf(body.status) ?? httpStatusOf(body.code);
      // A body that names an error inside a 200 is an error.
      if (status !== undefined && (statusCode === undefined || statusCode < 400)) statusCode = status;
      if (Array.isArray(body.details)) details.push(...body.details);
      collectCodes({ body, codes });
      if (message === undefined && typeof body.message === 'string' && body !== cause) message = body.message;
    }
    // The error itself is the body in a stream's error part, where it is a plain object.
    if (message === undefined && isRecord(cause) && !(cause instanceof Error)) {
      const text = cause.message;
      if (typeof text === 'string') message = text;
    }
  }
  return { statusCode, codes, message, headers, details, dailyQuota: details.some(isDailyQuota) };
}

function collectCodes({
  body,
  codes,
}: {
  readonly body: Record<string, unknown>;
  readonly codes: string[];
}): void {
  const inner = isRecord(body.innererror) ? body.innererror.code : undefined;
  const reasons = Array.isArray(body.details)
    ? body.details.map(detail => (isRecord(detail) ? detail.reason : undefined))
    : [];
  const ownDetails = isRecord(body.details) ? body.details.error_code : undefined;
  for (const code of [...reasons, inner, ownDetails, body.code, body.status, body.type]) {
    // A code is a word; anything else could be a piece of a prompt, and codes are shown in messages.
    if (typeof code === 'string' && code !== 'error' && /^[\w.-]{1,64}$/.test(code))
      codes.push(code.toLowerCase());
  }
}

/** The error, what it carries, and the `error` objects inside, from the innermost out. */
function bodiesOf(cause: unknown): ReadonlyArray<Record<string, unknown>> {
  if (!isRecord(cause)) return [];
  const carried = [cause.data, parseBody(cause.responseBody), cause.value, cause].filter(isRecord);
  return carried.flatMap(body => {
    const response = isRecord(body.response) ? body.response.error : undefined;
    return [response, body.error, body].filter(isRecord);
  });
}

function parseBody(body: unknown): unknown {
  // OpenAI's Responses client puts the parsed body there.
  if (isRecord(body)) return body;
  if (typeof body !== 'string' || body.length > 100_000) return undefined;
  try {
    const parsed: unknown = JSON.parse(body);
    // Gemini wraps the error of a failed stream request in a list.
    return Array.isArray(parsed) ? parsed[0] : parsed;
  } catch {
    return undefined;
  }
}

/** The error and its causes, outermost first; five deep, for a cause may be a circle. */
export function causesOf(error: unknown): ReadonlyArray<unknown> {
  const causes: unknown[] = [];
  for (let current = error; current != null && causes.length < 5; ) {
    causes.push(current);
    current = isRecord(current) ? current.cause : undefined;
  }
  return causes;
}

/** Google's daily allowance comes as the same RESOURCE_EXHAUSTED as a minute's; only the violated quota's id tells. */
function isDailyQuota(detail: unknown): boolean {
  if (!isRecord(detail) || !Array.isArray(detail.violations)) return false;
  return detail.violations.some(
    violation =>
      isRecord(violation) && typeof violation.quotaId === 'string' && violation.quotaId.includes('PerDay'),
  );
}

function httpStatusOf(value: unknown): number | undefined {
  const status = typeof value === 'string' && /^\d{3}$/.test(value) ? Number(value) : value;
  return typeof status === 'number' && Number.isInteger(status) && status >= 100 && status <= 599
    ? status
    : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
