/** How long to wait before the same candidate is asked again. */
export type BackoffSettings = {
  /** Upper bound of the first wait, in milliseconds; default 500. */
  readonly initialDelayMs: number;
  /** Upper bound of any wait; default 8,000, or `initialDelayMs` where that is longer. */
  readonly maxDelayMs: number;
  /** A `Retry-After` up to this long is waited out; a longer one means falling back at once. Default 3,000. */
  readonly maxRetryAfterMs: number;
};

/**
 * The wait before retry number `retry` (1-based): exponential with equal jitter, so that a fleet of callers does not come
 * back in one beat, and never less than half the bound, so that it is a wait at all. A `Retry-After` is waited in full,
 * plus up to a tenth more.
 */
export function backoffMs({
  retry,
  retryAfterMs,
  settings,
  random,
}: {
  readonly retry: number;
  readonly retryAfterMs: number | undefined;
  readonly settings: BackoffSettings;
  readonly random: () => number;
}): number {
  if (retryAfterMs !== undefined) return retryAfterMs * (1 + random() / 10);
  const boundMs = Math.min(settings.maxDelayMs, settings.initialDelayMs * 2 ** (retry - 1));
  return (boundMs * (1 + random())) / 2;
}
