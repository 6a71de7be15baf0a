import type { LanguageModelV4Usage } from '../../provider/sdk-types.ts';
import { catalogProviderOf } from '../price/provider-id.ts';
import { readAnthropicUsage } from './anthropic.ts';
import { inputTotal } from './bucket.ts';
import { readBedrockUsage, readGenericUsage } from './generic.ts';
import { fromInteraction, readGoogleUsage } from './google.ts';
import { readChatUsage, readResponsesUsage } from './openai.ts';
import { nothingRead, type Reading } from './reading.ts';
import { countOf, fieldOf } from './token-count.ts';

/** What is known about one request's usage. */
export type UsageEvidence = {
  /** The model's `provider`, such as `openai.responses`. */
  readonly provider: string;
  /** As the provider package reports it. */
  readonly usage?: LanguageModelV4Usage | undefined;
  /** The provider's own usage where it was seen on the wire: it has what the package leaves out. */
  readonly wire?: unknown;
  readonly providerMetadata?: unknown;
};

/**
 * Reads a usage into disjoint buckets. The shape of the provider's own numbers decides how, not the provider's name:
 * a server may be called anything and speak any of these.
 */
export function readUsage({ provider, usage, wire, providerMetadata }: UsageEvidence): Reading {
  const raw = wire ?? usage?.raw;
  switch (shapeOf(raw)) {
    case 'google':
      return readGoogleUsage({ raw, providerMetadata });
    case 'interaction':
      return readGoogleUsage({ raw: fromInteraction(raw), providerMetadata });
    case 'anthropic':
      return readAnthropicUsage(raw);
    case 'responses':
      return readResponsesUsage(raw);
    case 'chat':
      return readChatUsage({ raw, reasoningBeside: reasoningBeside(provider) });
    case 'unknown': {
      if (usage === undefined || isFilledIn({ usage, raw })) return nothingRead;
      const cacheDetails = fieldOf(raw, 'cacheDetails');
      return Array.isArray(cacheDetails)
        ? readBedrockUsage({ usage, cacheDetails })
        : readGenericUsage(usage);
    }
  }
}

/** Reads which share of a request's input came from a cache, from 0 to 1; undefined where its usage does not say. */
export function readCachedShare(evidence: UsageEvidence): number | undefined {
  const { shares, inputKnown } = readUsage(evidence);
  const [main] = shares;
  const total = main === undefined ? 0 : inputTotal(main.counts);
  if (main === undefined || !inputKnown || total === 0) return undefined;
  const { cacheReadTokens = 0, cacheReadAudioTokens = 0, cacheReadImageTokens = 0 } = main.counts;
  return (cacheReadTokens + cacheReadAudioTokens + cacheReadImageTokens) / total;
}

/**
 * docs.x.ai: completion_tokens of chat completions do not include reasoning_tokens (2026-11). Nor do Perplexity's,
 * whose total leaves them out as well (docs.perplexity.ai, sonar-deep-research, 2026-10).
 */
function reasoningBeside(provider: string): 'completion' | 'total' | undefined {
  const vendor = catalogProviderOf(provider);
  if (vendor === 'x-ai') return 'completion';
  return vendor === 'perplexity' ? 'total' : undefined;
}

function shapeOf(raw: unknown): 'google' | 'interaction' | 'anthropic' | 'responses' | 'chat' | 'unknown' {
  if (has(raw, 'promptTokenCount') || has(raw, 'totalTokenCount') || has(raw, 'candidatesTokenCount'))
    return 'google';
  if (has(raw, 'prompt_tokens') || has(raw, 'completion_tokens') || has(raw, 'prompt_cache_hit_tokens'))
    return isNamedTwice(raw) ? 'responses' : 'chat';
  if (!has(raw, 'input_tokens') && !has(raw, 'output_tokens'))
    return has(raw, 'total_input_tokens') || has(raw, 'total_output_tokens') ? 'interaction' : 'unknown';
  if (has(raw, 'input_tokens_details')) return 'responses';
  // Servers that speak Anthropic's protocol may add a total.
  const isAnthropic = has(raw, 'cache_read_input_tokens') || has(raw, 'cache_creation_input_tokens');
  if (has(raw, 'total_tokens') && !isAnthropic) return 'responses';
  return 'anthropic';
}

/**
 * Relays such as new-api send the names of both protocols with every usage, those of the one that was not spoken as 0
 * (github.com/QuantumNous/new-api, dto.Usage, 2026-11).
 */
function isNamedTwice(raw: unknown): boolean {
  if (countOf(raw, 'prompt_tokens') || countOf(raw, 'completion_tokens')) return false;
  return (countOf(raw, 'input_tokens') ?? 0) + (countOf(raw, 'output_tokens') ?? 0) > 0;
}

function has(raw: unknown, name: string): boolean {
  return fieldOf(raw, name) != null;
}

/** Packages fill in 0 for what a server left out; zeros that its own usage does not bear out were never said. */
function isFilledIn({
  usage,
  raw,
}: {
  readonly usage: LanguageModelV4Usage;
  readonly raw: unknown;
}): boolean {
  if (raw == null || usage.inputTokens.total || usage.outputTokens.total) return false;
  const isContradicted = fieldOf(raw, 'prompt_tokens') === null || (countOf(raw, 'total_tokens') ?? 0) > 0;
  return isContradicted || !hasNumber(raw);
}

function hasNumber(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return typeof value === 'number';
  return Object.values(value).some(hasNumber);
}
