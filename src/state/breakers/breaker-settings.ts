/** When a circuit breaker opens and for how long. */
export type CircuitBreakerSettings = {
  /**
   * Calls in a row that failed there and open it; the retries of one call count once. Default: 5, and 1 once the candidate
   * has answered nobody for 3 s, if the failure is a sign of an outage (`server`, `overloaded`, `network`, `rate-limit`,
   * `timeout`): then there is little traffic to learn from, and little to move.
   */
  readonly failureThreshold: number;
  /**
   * The first cooldown in milliseconds, doubled at each failed probe up to the longest. Default 11,000, or 5,000 where
   * `maxCooldownMs` is set.
   */
  readonly cooldownMs: number;
  /**
   * The longest cooldown, jitter included; default 11,000, so that traffic is back soon after a recovery, or `cooldownMs`
   * where that is longer. A provider's `Retry-After` may be longer. So long a probe keeps other calls away, too.
   */
  readonly maxCooldownMs: number;
  /**
   * The longest that a provider's `Retry-After` leaves a candidate out, in milliseconds; default 600,000. What asks for more
   * (a date in 2100, milliseconds taken for seconds) is cut to this; then one call probes it, and the provider may ask again.
   */
  readonly maxRetryAfterMs: number;
};

/** The settings with what only the defaults have. */
export type TripSettings = CircuitBreakerSettings & {
  /** One failed call is enough where nobody was answered for so long. `Infinity` where the threshold is the user's. */
  readonly quietMs: number;
};
