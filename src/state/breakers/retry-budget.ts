import type { FailureKind } from '../../failure/failure-kind.ts';

/** Failures that more load makes worse; a caller's mistake says nothing about load. */
const signsOfLoad: ReadonlyArray<FailureKind> = ['server', 'overloaded', 'network', 'rate-limit', 'timeout'];

/** Settings of the retry budget: how far retries may add to the load of providers that are failing already. */
export type RetryBudgetSettings = {
  /** Tokens at the start and at most; default 100. */
  readonly maxTokens: number;
  /** Tokens a success gives back; default 0.1. */
  readonly tokensPerSuccess: number;
};

/**
 * A token bucket shared by all calls of a composite, after gRPC's retry throttling (gRFC A6): a failure takes one token, a
 * success returns a tenth, and while the bucket is not more than half full nobody is asked a second time. Falling back
 * is never throttled: it does not add load to the candidate that fails.
 */
export type RetryBudget = {
  readonly allows: () => boolean;
  readonly onSuccess: () => void;
  readonly onFailure: (kind: FailureKind) => void;
};

/** Makes a full bucket. */
export function createRetryBudget({ maxTokens, tokensPerSuccess }: RetryBudgetSettings): RetryBudget {
  let tokens = maxTokens;
  return {
    allows: () => tokens > maxTokens / 2,
    onSuccess: () => {
      tokens = Math.min(maxTokens, tokens + tokensPerSuccess);
    },
    onFailure: kind => {
      if (!signsOfLoad.includes(kind)) return;
      tokens = Math.max(0, tokens - 1);
    },
  };
}

/** A budget that is always there. */
export const unboundedRetries: RetryBudget = {
  allows: () => true,
  onSuccess: ignore,
  onFailure: ignore,
};

function ignore(): void {}
