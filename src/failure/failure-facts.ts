import { APICallError } from 'ai';

/** What an error says about itself, wherever a provider package keeps it. */
export type Facts = {
  readonly statusCode: number | undefined;
  /** Lower case, the most specific first. */
  readonly codes: ReadonlyArray<string>;
  readonly message: string | undefined;
  readonly headers: Readonly<Record<string, string>> | undefined;
  readonly details: ReadonlyArray<unknown>;
  readonly dailyQuota: boolean;
  /** The parameter of the request that the provider names, if it is not one of the candidate's own. */
  readonly param: string | undefined;
  /** The provider says that it flagged the input. */
  readonly flagged: boolean;
  /** Whose codes these are, as far as the host and the shape of the body tell. */
  readonly source: string;
};

/** Parameters that are the same for every call of a candidate. */
const ofCandidate: ReadonlySet<string> = new Set([
  'model',
  'api_key',
  'organization',
  'project',
  'deployment',
]);

type Found = {
  statusCode: number | undefined;
  headers: Readonly<Record<string, string>> | undefined;
  message: string | undefined;
  param: string | undefined;
  flagged: boolean;
  source: string;
  readonly codes: string[];
  readonly details: unknown[];
};

/**
 * Reads an error's facts: the HTTP status, the codes and the retry hints of the error, its causes, the provider's own error
 * body in them (parsed or as text), and the plain objects that come as error parts of a stream. Never throws.
 */
export function readFacts(error: unknown): Facts {
  const found: Found = {
    statusCode: undefined,
    headers: undefined,
    message: undefined,
    param: undefined,
    flagged: false,
    source: '',
    codes: [],
    details: [],
  };
  for (const cause of causesOf(error)) {
    if (APICallError.isInstance(cause)) {
      found.headers ??= cause.responseHeaders;
      found.statusCode ??= cause.statusCode;
      found.source += ` ${hostOf(cause.url)}`;
    }
    for (const body of bodiesOf(cause)) readBody({ body, isError: body === cause, found });
    // The error itself is the body in a stream's error part, where it is a plain object.
    if (isRecord(cause) && !(cause instanceof Error)) found.message ??= textOf(cause.message);
  }
  // AWS names its exception in a header: "ThrottlingException:http://internal.amazon.com/...".
  addCode({ code: found.headers?.['x-amzn-errortype']?.split(':')[0], codes: found.codes });
  return { ...found, dailyQuota: found.details.some(isDailyQuota) };
}

function readBody({
  body,
  isError,
  found,
}: {
  readonly body: Record<string, unknown>;
  /** The error object itself, whose message is the package's. */
  readonly isError: boolean;
  readonly found: Found;
}): void {
  const status =
    httpStatusOf(body.statusCode) ??
    httpStatusOf(body.status_code) ??
    httpStatusOf(body.status) ??
    httpStatusOf(body.code);
  // A body that names an error inside a 200 is an error.
  if (status !== undefined && (found.statusCode === undefined || found.statusCode < 400))
    found.statusCode = status;
  if (Array.isArray(body.details)) found.details.push(...body.details);
  collectCodes({ body, codes: found.codes });
  found.source += ` ${shapeOf(body)}`;
  // xAI, TGI, Ollama: the sentence is the value of `error`.
  if (!isError) found.message ??= textOf(body.message) ?? textOf(body.error);
  const param = textOf(body.param);
  if (param !== undefined && !ofCandidate.has(param)) found.param ??= param;
  if (!isRecord(body.metadata)) return;
  // OpenRouter, docs/api/errors: what a moderation flags has `reasons` and `flagged_input`.
  if (Array.isArray(body.metadata.reasons) || textOf(body.metadata.flagged_input) !== undefined)
    found.flagged = true;
  // The headers of the provider behind it, such as `X-RateLimit-Reset`.
  if (isRecord(body.metadata.headers)) found.details.push(body.metadata.headers);
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
  // OpenRouter's own word, which says more than its number.
  const canonical = isRecord(body.metadata) ? body.metadata.error_type : undefined;
  const own = [body.error_type, body.code, body.status_code, body.status, body.type, body.__type, body.error];
  for (const code of [...reasons, inner, ownDetails, canonical, ...own]) addCode({ code, codes });
}

function addCode({ code, codes }: { readonly code: unknown; readonly codes: string[] }): void {
  const text = typeof code === 'number' && code > 599 && Number.isInteger(code) ? String(code) : code;
  // A code is a word; anything else could be a piece of a prompt, and codes are shown in messages.
  if (typeof text !== 'string' || text === 'error' || !/^[\w.:-]{1,64}$/.test(text)) return;
  const word = text.toLowerCase();
  if (!codes.includes(word)) codes.push(word);
}

/** Bodies whose numbers are one provider's own, whoever passes them on. */
function shapeOf(body: Record<string, unknown>): string {
  if (isRecord(body.base_resp)) return 'minimax';
  if (body.success === false && (listOf(body.errors) ?? listOf(body.error)) !== undefined)
    return 'cloudflare';
  // Mistral, too, has numbers of four digits; its bodies call themselves an error.
  const isZai = typeof body.code === 'string' && /^1[0-3]\d\d$/.test(body.code) && body.object !== 'error';
  return isZai ? 'zai' : '';
}

function listOf(value: unknown): readonly unknown[] | undefined {
  return Array.isArray(value) ? value : undefined;
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname : '';
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The error, what it carries, and the `error` objects inside, from the innermost out. */
function bodiesOf(cause: unknown): ReadonlyArray<Record<string, unknown>> {
  if (!isRecord(cause)) return [];
  // Token requests of Google's and Azure's libraries keep the body in `response.data`.
  const answer = isRecord(cause.response) ? cause.response.data : undefined;
  // The body first: `data` is what the package's schema left of it, often without the code.
  const carried = [parseBody(cause.responseBody), cause.data, cause.value, answer, cause].filter(isRecord);
  return carried.flatMap(body => {
    const response = isRecord(body.response) ? body.response.error : undefined;
    const [first]: readonly unknown[] = listOf(body.errors) ?? listOf(body.error) ?? [];
    return [response, body.error, body.base_resp, first, body].filter(isRecord);
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
