/** What went wrong, in words that belong to no protocol; each has the true status and body of every provider. */
export type ProviderErrorKind =
  | 'rate-limit'
  | 'overloaded'
  | 'server'
  | 'timeout'
  | 'auth'
  | 'permission'
  | 'quota'
  | 'not-found'
  | 'context-length'
  | 'content-filter'
  | 'invalid-request';

/** An error answer before a protocol gives it its shape. */
export type ProviderError = {
  readonly kind: ProviderErrorKind;
  /** Default: the status the provider uses for this kind. */
  readonly status?: number;
  /** Default: a message like the provider's. */
  readonly message?: string;
  /** Seconds, as Gemini puts them into `RetryInfo.retryDelay` of the body. The other providers have no such field. */
  readonly retryDelaySeconds?: number;
};

/** The kind whose body a provider sends with a bare HTTP status. */
export function kindOfStatus(status: number): ProviderErrorKind {
  if (status === 401) return 'auth';
  if (status === 402) return 'quota';
  if (status === 403) return 'permission';
  if (status === 404) return 'not-found';
  if (status === 408 || status === 504) return 'timeout';
  if (status === 429) return 'rate-limit';
  if (status === 503 || status === 529) return 'overloaded';
  return status >= 500 ? 'server' : 'invalid-request';
}
