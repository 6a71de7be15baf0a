import { catalogProviderOf, vendorOf } from '../provider-id.ts';
import { fieldOf } from '../usage/token-count.ts';
import type { PricedCall } from './meter.ts';
import type { Seen } from './observation.ts';

const maxRemembered = 200;

/** Remembers which providers show counts in raw chunks only. */
export type RawChunkMemory = {
  readonly wants: (call: PricedCall) => boolean;
  readonly learn: (stream: {
    readonly provider: string;
    readonly seen: Readonly<Seen>;
    readonly outcome: 'success' | 'failure' | 'abort';
  }) => void;
};

/**
 * Makes the memory. Gemini sends exact counts with every chunk, which only raw chunks show before the end. OpenAI's
 * chat package hides audio tokens and the served tier. Other servers may send usage as they go, or where their
 * package does not look for it: the first stream of a chat-completions provider is asked to find out.
 */
export function createRawChunkMemory(): RawChunkMemory {
  const isUseful = new Map<string, boolean>();
  return {
    wants: ({ provider, price, callOptions }) => {
      if (price !== undefined && price.inputTokens === 0 && price.outputTokens === 0) return false;
      switch (catalogProviderOf(provider)) {
        case 'google':
          return !provider.includes('anthropic');
        case 'openai':
        case 'azure':
          return (
            provider.endsWith('.chat') && (asksForTier({ provider, callOptions }) || sendsAudio(callOptions))
          );
        default:
          return isUseful.get(provider) ?? speaksChat(provider);
      }
    },
    learn: ({ provider, seen: { rawChunks, rawUsages, finish }, outcome }) => {
      if (rawChunks === 0 || outcome !== 'success') return;
      const isReported = finish?.usage.outputTokens.total !== undefined;
      if (isUseful.size >= maxRemembered) isUseful.clear();
      isUseful.set(provider, rawUsages > 1 || (rawUsages === 1 && !isReported));
    },
  };
}

/**
 * Chat completions are what other servers speak; packages name them so. Anything else, such as Anthropic's protocol,
 * needs no raw chunks.
 */
function speaksChat(provider: string): boolean {
  return provider.endsWith('.chat') || provider === 'perplexity';
}

function asksForTier({
  provider,
  callOptions,
}: {
  readonly provider: string;
  readonly callOptions: PricedCall['callOptions'];
}): boolean {
  const { providerOptions } = callOptions;
  return (
    (fieldOf(fieldOf(providerOptions, vendorOf(provider)), 'serviceTier') ??
      fieldOf(fieldOf(providerOptions, 'openai'), 'serviceTier')) !== undefined
  );
}

function sendsAudio({ prompt }: PricedCall['callOptions']): boolean {
  return prompt.some(
    ({ role, content }) =>
      role === 'user' && content.some(part => part.type === 'file' && part.mediaType.startsWith('audio')),
  );
}
