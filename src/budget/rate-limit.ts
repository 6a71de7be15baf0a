import type { RateClaim } from './hold.ts';

/** What is counted together: the limits of a candidate, or of a group. */
export type RateBucket = {
  /** The name of the candidate or the group. */
  readonly name: string;
  readonly requests: number | undefined;
  readonly tokens: number | undefined;
};

/** How much of a limit a request takes. */
export type RateNeed = { readonly inputTokens: number; readonly outputTokens: number };

const minuteMs = 60_000;

/** What a request holds of its limits; more than the whole limit it never needs, or it could never be made. */
export function rateClaims({
  bucket: { name, requests, tokens },
  need,
}: {
  readonly bucket: RateBucket;
  readonly need: RateNeed;
}): ReadonlyArray<RateClaim> {
  const claim = (unit: RateClaim['unit'], limit: number, amount: number): RateClaim => ({
    scope: `rate:${JSON.stringify([name, unit])}`,
    unit,
    slidingMs: minuteMs,
    keepMs: 2 * minuteMs,
    limit: BigInt(limit),
    amount: BigInt(Math.min(limit, amount)),
  });
  const wanted = Math.ceil(need.inputTokens + need.outputTokens);
  return [
    ...(requests === undefined ? [] : [claim('requests', requests, 1)]),
    ...(tokens === undefined ? [] : [claim('tokens', tokens, wanted)]),
  ];
}
