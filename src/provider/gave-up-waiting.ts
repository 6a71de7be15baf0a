/**
 * Statuses by which the provider, or a gateway before it, gave up waiting for an answer: a `timeout`, and no proof that
 * nothing was billed, because whoever was waited for may still work.
 *
 * 408 and 504: RFC 9110; 408 is also Bedrock's `ModelTimeoutException`. 499: a gateway's client left, also Gemini's and
 * Cohere's "cancelled". 522 and 524: Cloudflare's "connection timed out" and "a timeout occurred". 598: an informal "network
 * read timeout" of proxies. Pages read November 2026.
 */
export const gaveUpWaiting: ReadonlySet<number> = new Set([408, 499, 504, 522, 524, 598]);

/** Codes by which a provider says the same at any other status, in lower case. */
export const gaveUpWaitingCodes: readonly string[] = [
  'timeout_error',
  'deadline_exceeded',
  'request_timeout',
  'requesttimeout',
  'operationtimeout',
  'modeltimeoutexception',
  'responsetimeout',
  'internalerror.timeout',
  'vector_store_timeout',
];
