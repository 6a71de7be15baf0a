import { refuse } from '../boundary/check.ts';
import type { RateBucket } from '../budget/rate-limit.ts';
import type { Candidate } from '../candidate/candidate.ts';
import type { RateLimitSettings } from '../candidate/rate-limit.ts';

/** The limits that hold for candidates, by their names. */
export type RateBuckets = ReadonlyMap<string, RateBucket>;

type Limits = Pick<RateBucket, 'requests' | 'tokens'>;

/**
 * Gives candidates that share a limit one bucket. A limit is of the model, so it holds in every route that lists it. Throws
 * `InvalidArgumentError` where those who share one do not agree on it.
 */
export function parseRateLimits(candidates: ReadonlyArray<Candidate>): RateBuckets {
  const limits = new Map<string, Limits>();
  const owners = new Map<string, string>();
  for (const { name, rateLimit, model } of candidates) {
    if (rateLimit === undefined) continue;
    if (model.provider === 'composite')
      refuse({
        path: ['rateLimit'],
        value: name,
        problem:
          'is of a composite, which makes requests of its own; set the rateLimit of its candidates instead',
      });
    const bucket = rateLimit.group ?? name;
    const known = owners.get(name);
    if (known !== undefined && known !== bucket)
      refuse({
        path: ['rateLimit', 'group'],
        value: bucket,
        problem: `puts ${name} into a second group beside ${known}; give it one`,
      });
    owners.set(name, bucket);
    limits.set(bucket, merged({ bucket, known: limits.get(bucket), own: limitsOf(rateLimit) }));
  }
  return new Map(
    [...owners].map(([name, bucket]) => [
      name,
      { name: bucket, requests: limits.get(bucket)?.requests, tokens: limits.get(bucket)?.tokens },
    ]),
  );
}

function limitsOf({ requestsPerMinute, tokensPerMinute }: RateLimitSettings): Limits {
  return { requests: requestsPerMinute, tokens: tokensPerMinute };
}

function merged({
  bucket,
  known,
  own,
}: {
  readonly bucket: string;
  readonly known: Limits | undefined;
  readonly own: Limits;
}): Limits {
  if (known === undefined) return own;
  for (const unit of ['requests', 'tokens'] as const)
    if (known[unit] !== undefined && own[unit] !== undefined && known[unit] !== own[unit])
      refuse({
        path: ['rateLimit', `${unit}PerMinute`],
        value: own[unit],
        problem: `is not what another candidate says of ${bucket}, ${known[unit]}: they share one limit, so set it once, or to the same number`,
      });
  return { requests: known.requests ?? own.requests, tokens: known.tokens ?? own.tokens };
}
