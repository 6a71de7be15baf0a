/**
 * The billable buckets of one request. They are disjoint: a token is in exactly one of them, so that no token is
 * charged twice or at two rates.
 *
 * `inputTokens` is fresh text input and `outputTokens` is text output. `cacheWriteTokens` is the
 * provider's ordinary cache write (5 minutes at Anthropic, 30 at OpenAI). Input comes before output in the list.
 */
export const tokenBuckets = [
  'inputTokens',
  'cacheReadTokens',
  'cacheWriteTokens',
  'cacheWrite1hTokens',
  'cacheWrite12hTokens',
  'inputAudioTokens',
  'cacheReadAudioTokens',
  'inputImageTokens',
  'cacheReadImageTokens',
  'inputVideoTokens',
  'outputTokens',
  'reasoningTokens',
  'outputAudioTokens',
  'outputImageTokens',
] as const;

/** A bucket that is counted in tokens. */
export type TokenBucket = (typeof tokenBuckets)[number];

/** Billed uses that are counted one by one: tools the provider runs, and a fee per request where there is one. */
export const useBuckets = ['webSearch', 'webSearchPreview', 'fileSearch', 'mapsSearch', 'request'] as const;

/** A bucket that is counted in uses. */
export type UseBucket = (typeof useBuckets)[number];

/** Token counts by bucket; a missing bucket is 0. */
export type TokenCounts = { readonly [Bucket in TokenBucket]?: number };

/** Use counts by bucket; a missing bucket is 0. */
export type UseCounts = { readonly [Bucket in UseBucket]?: number };

const inputBuckets = tokenBuckets.slice(0, tokenBuckets.indexOf('outputTokens'));

/** Whole input of a request, cached and written tokens included: what long-context tiers are measured on. */
export function inputTotal(counts: TokenCounts): number {
  let total = 0;
  for (const bucket of inputBuckets) total += counts[bucket] ?? 0;
  return total;
}
