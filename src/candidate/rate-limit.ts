/** How much of a candidate may be asked, as its provider counts it. */
export type RateLimitSettings = {
  /** Requests within any 60 seconds. */
  readonly requestsPerMinute?: number;
  /** Tokens within any 60 seconds, input and output together. */
  readonly tokensPerMinute?: number;
  /**
   * Names what the provider counts together, such as a project or an account: the candidates of a group share one limit, which
   * one of them sets. Default: the candidate alone.
   */
  readonly group?: string;
};
