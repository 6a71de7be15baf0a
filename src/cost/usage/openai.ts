import type { CostFlag } from '../cost.ts';
import { type InclusiveCounts, splitInclusive } from './inclusive-counts.ts';
import type { Reading } from './reading.ts';
import { createCountOf, fieldOf, firstCount } from './token-count.ts';

/**
 * Reads the usage of the OpenAI Responses API and of servers that copy it.
 *
 * Cached and written tokens are part of `input_tokens`, reasoning is part of `output_tokens`; writes kept for 12
 * hours are counted apart (developers.openai.com, prompt caching, 2026-11). Servers that orchestrate several models
 * count what those took in addition, cached input included, and put it into the total (Sakana Fugu,
 * github.com/vercel/ai/pull/16290, 2026-06).
 */
export function readResponsesUsage(raw: unknown): Reading {
  const flags: CostFlag[] = [];
  const countOf = createCountOf(flags);
  const input = fieldOf(raw, 'input_tokens_details');
  const output = fieldOf(raw, 'output_tokens_details');
  return splitInclusive({
    prompt: plus(countOf(raw, 'input_tokens'), countOf(input, 'orchestration_input_tokens')),
    completion: plus(countOf(raw, 'output_tokens'), countOf(output, 'orchestration_output_tokens')),
    total: countOf(raw, 'total_tokens'),
    cacheRead: plus(countOf(input, 'cached_tokens'), countOf(input, 'orchestration_input_cached_tokens')),
    cacheWrite: countOf(input, 'cache_write_tokens'),
    cacheWrite12h: countOf(fieldOf(input, 'cache_write_tokens_details'), 'ttl_12h_tokens'),
    inputAudio: countOf(input, 'audio_tokens'),
    inputImage: countOf(input, 'image_tokens'),
    reasoning: countOf(output, 'reasoning_tokens'),
    outputAudio: countOf(output, 'audio_tokens'),
    outputImage: countOf(output, 'image_tokens'),
    flags,
  });
}

function plus(count: number | undefined, more: number | undefined): number | undefined {
  return more === undefined ? count : (count ?? 0) + more;
}

/**
 * Reads the usage of OpenAI chat completions and of the many servers that speak it.
 *
 * Cached tokens go by several names: `prompt_tokens_details.cached_tokens` (OpenAI), `prompt_cache_hit_tokens`
 * (DeepSeek, api-docs.deepseek.com), top-level `cached_tokens` (Moonshot, platform.kimi.ai),
 * `cache_read_input_tokens` (proxies in front of Claude), `num_cached_tokens` and `prompt_token_details` (Mistral,
 * docs.mistral.ai/api). Written ones: `cache_write_tokens` (OpenAI, OpenRouter),
 * `cache_creation_input_tokens` and `cache_creation_tokens` (proxies in front of Claude).
 */
export function readChatUsage({
  raw,
  reasoningBeside,
}: {
  readonly raw: unknown;
  readonly reasoningBeside: InclusiveCounts['reasoningBeside'];
}): Reading {
  const flags: CostFlag[] = [];
  const countOf = createCountOf(flags);
  const input = fieldOf(raw, 'prompt_tokens_details');
  const output = fieldOf(raw, 'completion_tokens_details');
  const prompt = countOf(raw, 'prompt_tokens');
  const hit = countOf(raw, 'prompt_cache_hit_tokens');
  const miss = countOf(raw, 'prompt_cache_miss_tokens');
  const writes = fieldOf(raw, 'cache_creation') ?? fieldOf(input, 'cache_creation_token_details');
  const counts: InclusiveCounts = {
    prompt: prompt ?? (hit === undefined || miss === undefined ? undefined : hit + miss),
    completion: countOf(raw, 'completion_tokens'),
    total: countOf(raw, 'total_tokens'),
    cacheRead: firstCount(
      countOf(input, 'cached_tokens'),
      hit,
      countOf(raw, 'cached_tokens'),
      countOf(raw, 'cache_read_input_tokens'),
      countOf(raw, 'num_cached_tokens'),
      countOf(fieldOf(raw, 'prompt_token_details'), 'cached_tokens'),
    ),
    cacheWrite: firstCount(
      countOf(input, 'cache_write_tokens'),
      countOf(raw, 'cache_write_tokens'),
      countOf(raw, 'cache_creation_input_tokens'),
      countOf(input, 'cache_creation_tokens'),
      countOf(input, 'cache_creation_input_tokens'),
    ),
    cacheWrite1h:
      countOf(writes, 'ephemeral_1h_input_tokens') ?? countOf(raw, 'claude_cache_creation_1_h_tokens'),
    cacheWrite12h: countOf(fieldOf(input, 'cache_write_tokens_details'), 'ttl_12h_tokens'),
    inputAudio: countOf(input, 'audio_tokens'),
    cacheReadAudio: countOf(fieldOf(input, 'cached_tokens_details'), 'audio_tokens'),
    inputImage: countOf(input, 'image_tokens'),
    inputVideo: countOf(input, 'video_tokens'),
    reasoning: firstCount(countOf(output, 'reasoning_tokens'), countOf(raw, 'reasoning_tokens')),
    outputAudio: countOf(output, 'audio_tokens'),
    outputImage: countOf(output, 'image_tokens'),
    reasoningBeside,
    flags,
  };
  return splitInclusive(counts);
}
