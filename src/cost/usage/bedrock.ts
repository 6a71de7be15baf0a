import type { LanguageModelV4Usage } from '@ai-sdk/provider';
import { readGenericUsage } from './generic.ts';
import type { Reading } from './reading.ts';
import { countOf, fieldOf } from './token-count.ts';

/**
 * Reads the usage of Amazon Bedrock's Converse API.
 *
 * Its package counts cache reads and writes beside `inputTokens`; only `cacheDetails` says which writes are kept for 1
 * hour (docs.aws.amazon.com/bedrock, API_runtime_TokenUsage and CacheDetail, 2026-11).
 */
export function readBedrockUsage({
  usage,
  cacheDetails,
}: {
  readonly usage: LanguageModelV4Usage;
  readonly cacheDetails: readonly unknown[];
}): Reading {
  const reading = readGenericUsage(usage);
  let oneHour = 0;
  for (const detail of cacheDetails)
    if (fieldOf(detail, 'ttl') === '1h') oneHour += countOf(detail, 'inputTokens') ?? 0;
  return {
    ...reading,
    shares: reading.shares.map(({ counts, ...share }) => {
      const { cacheWriteTokens = 0 } = counts;
      const cacheWrite1hTokens = Math.min(oneHour, cacheWriteTokens);
      return {
        ...share,
        counts: { ...counts, cacheWriteTokens: cacheWriteTokens - cacheWrite1hTokens, cacheWrite1hTokens },
      };
    }),
  };
}
