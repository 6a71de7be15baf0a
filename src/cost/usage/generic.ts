import type { LanguageModelV4Usage } from '@ai-sdk/provider';
import type { CostFlag } from '../cost.ts';
import { splitInclusive } from './inclusive-counts.ts';
import type { Reading } from './reading.ts';
import { countOf, fieldOf, hasInvalidCount, tokenCount } from './token-count.ts';

/**
 * Reads the SDK's usage as it is, for providers whose own usage is of no known shape.
 *
 * By the SDK's definition the totals include everything: cache reads and writes are part of the input, reasoning is
 * part of the output. Numbers that contradict that are read as parts that were left out of the total. A model that the
 * SDK upgraded from an older version tells its sum too, and the sum tells which parts were left out.
 */
export function readGenericUsage(usage: LanguageModelV4Usage): Reading {
  const { inputTokens: input, outputTokens: output } = usage;
  const flags: CostFlag[] = [];
  if (hasInvalidCount(input) || hasInvalidCount(output)) flags.push('count-invalid');

  const sum = countOf(usage.raw, 'totalTokens');
  if (sum !== undefined && input.noCache === undefined && output.text === undefined)
    return splitInclusive({
      prompt: tokenCount(input.total),
      completion: tokenCount(output.total),
      total: sum,
      cacheRead: tokenCount(input.cacheRead),
      cacheWrite: tokenCount(input.cacheWrite),
      reasoning: tokenCount(output.reasoning),
      flags,
    });

  const cacheReadTokens = tokenCount(input.cacheRead) ?? 0;
  const cacheWriteTokens = tokenCount(input.cacheWrite) ?? 0;
  const fresh = tokenCount(input.noCache);
  const inputTotal = tokenCount(input.total);
  const left = inputTotal === undefined ? undefined : inputTotal - cacheReadTokens - cacheWriteTokens;
  const isOutside = left !== undefined && left < 0;
  if (isOutside) flags.push('cache-outside-input');
  if (fresh !== undefined && left !== undefined && !isOutside && fresh !== left) flags.push('total-mismatch');

  const reasoningTokens = tokenCount(output.reasoning) ?? 0;
  const outputTotal = tokenCount(output.total);
  const text = tokenCount(output.text);
  const reasoningIsOutside = outputTotal !== undefined && reasoningTokens > outputTotal;
  if (reasoningIsOutside) flags.push('reasoning-outside-output');
  const outputTokens =
    outputTotal === undefined
      ? (text ?? 0)
      : reasoningIsOutside
        ? outputTotal
        : outputTotal - reasoningTokens;

  return {
    shares: [
      {
        counts: {
          inputTokens: isOutside ? (inputTotal ?? 0) : (left ?? fresh ?? 0),
          cacheReadTokens,
          cacheWriteTokens,
          outputTokens,
          reasoningTokens,
        },
      },
    ],
    flags,
    inputKnown: inputTotal !== undefined || fresh !== undefined,
    outputKnown: outputTotal !== undefined || text !== undefined,
  };
}

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
