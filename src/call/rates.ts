import type { RateClaim } from '../budget/hold.ts';
import { type RateNeed, rateClaims } from '../budget/rate-limit.ts';
import type { ToldLimits } from '../budget/told-limits.ts';
import type { Candidate } from '../candidate/candidate.ts';
import type { AnswerLength } from './demand.ts';
import type { Paid } from './money.ts';
import type { Composite } from './open-composite.ts';

/** What a request takes of the rate limit of its candidate. */
export type CandidateRate = {
  readonly claims: ReadonlyArray<RateClaim>;
  /** Where its provider has said that there is no room; undefined where there may be some. */
  readonly toldWait: () => Extract<Paid, { readonly type: 'told' }> | undefined;
  /** Counts the request. */
  readonly use: () => void;
  readonly learn: (told: {
    readonly headers: Readonly<Record<string, string>> | undefined;
    readonly retryAfterMs: number | undefined;
  }) => void;
};

/** The rate limits that a call meets. */
export type CallRates = {
  /** Undefined where a candidate has none. */
  readonly of: (request: {
    readonly candidate: Candidate;
    readonly length: AnswerLength;
  }) => CandidateRate | undefined;
};

/** Tokens that an answer is taken for where the call does not say how long it may be: what it was is counted afterwards. */
const usualTokens = 1_024;

/** Makes the rate limits of a composite as its calls meet them; undefined where no candidate has one. */
export function ratesOf({
  composite: { spending, clock },
  told,
}: {
  readonly composite: Composite;
  readonly told: ToldLimits;
}): CallRates | undefined {
  const buckets = spending?.rates;
  if (buckets === undefined || buckets.size === 0) return undefined;
  return {
    of: ({ candidate, length: { inputTokens, longest, isChosen } }) => {
      const bucket = buckets.get(candidate.name);
      if (bucket === undefined) return undefined;
      const { name } = bucket;
      const outputTokens = isChosen ? longest : Math.min(longest, usualTokens);
      const need: RateNeed = { inputTokens, outputTokens };
      return {
        claims: rateClaims({ bucket, need }),
        toldWait: () => {
          const retryAfterMs = told.waitMs({ name, need, nowMs: clock.now() });
          return retryAfterMs > 0 ? { type: 'told', retryAfterMs } : undefined;
        },
        use: () => told.use({ name, need }),
        learn: ({ headers, retryAfterMs }) => told.learn({ name, headers, retryAfterMs, nowMs: clock.now() }),
      };
    },
  };
}
