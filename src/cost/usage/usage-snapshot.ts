import type {
  JSONObject,
  LanguageModelV4Content,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
} from '@ai-sdk/provider';
import { numberAt } from './token-count.ts';

/**
 * Counts that a provider sends before the end, so that a stream that is cut still has them: Google's cumulative
 * `usageMetadata` in every raw chunk, Anthropic's input and cache counts in its first event.
 */
export function readSnapshot(
  part: Extract<LanguageModelV4StreamPart | LanguageModelV4Content, { type: 'raw' | 'custom' }>,
): LanguageModelV4Usage | undefined {
  if (part.type === 'custom') {
    const usage =
      part.kind === 'anthropic.message_start' ? part.providerMetadata?.anthropic?.usage : undefined;
    return usage === undefined ? undefined : ofAnthropic(usage);
  }
  const metadata =
    typeof part.rawValue === 'object' && part.rawValue !== null
      ? Reflect.get(part.rawValue, 'usageMetadata')
      : undefined;
  return metadata === undefined ? undefined : ofGoogle(metadata);
}

function ofGoogle(raw: unknown): LanguageModelV4Usage {
  const at = (key: string) => numberAt({ raw, path: [key] });
  const cacheRead = at('cachedContentTokenCount') ?? 0;
  const total = at('promptTokenCount') ?? 0;
  const reasoning = at('thoughtsTokenCount') ?? 0;
  const text = at('candidatesTokenCount') ?? 0;
  return {
    inputTokens: { total, noCache: total - cacheRead, cacheRead, cacheWrite: undefined },
    outputTokens: { total: text + reasoning, text, reasoning },
  };
}

function ofAnthropic(raw: unknown): LanguageModelV4Usage {
  const at = (key: string) => numberAt({ raw, path: [key] }) ?? 0;
  const noCache = at('input_tokens');
  const cacheRead = at('cache_read_input_tokens');
  const cacheWrite = at('cache_creation_input_tokens');
  const output = at('output_tokens');
  return {
    inputTokens: { total: noCache + cacheRead + cacheWrite, noCache, cacheRead, cacheWrite },
    outputTokens: { total: output, text: output, reasoning: undefined },
    raw: raw as JSONObject,
  };
}
