import type { PricedCall } from '../attempt/meter.ts';
import { catalogProviderOf } from '../price/provider-id.ts';
import { isStandardTier, requestedTier } from '../usage/requested-tier.ts';
import { fieldOf } from '../usage/token-count.ts';
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
 * Makes the memory. Gemini sends exact counts with every chunk, which only raw chunks show before the end. All chat
 * packages hide the served tier, which a project can set for requests that name none, and OpenAI's hides audio tokens.
 * Servers may send usage as they go, or where their package does not look for it, or with counts and costs that it
 * drops: the first stream of a chat-completions provider is asked to find out.
 */
export function createRawChunkMemory(): RawChunkMemory {
  const isUseful = new Map<string, boolean>();
  return {
    wants: ({ provider, price, callOptions }) => {
      if (price !== undefined && price.inputTokens === 0 && price.outputTokens === 0) return false;
      if (catalogProviderOf(provider) === 'google') return !provider.includes('anthropic');
      if (!speaksChat(provider)) return false;
      const { providerOptions } = callOptions;
      const asksForTier = requestedTier({ provider, providerOptions }) !== undefined;
      return asksForTier || (isUseful.get(provider) ?? true) || sendsAudio(callOptions);
    },
    learn: ({ provider, seen: { rawChunks, rawUsages, wireUsage, wireTier, finish }, outcome }) => {
      if (rawChunks === 0 || outcome !== 'success') return;
      const isReported = finish?.usage.outputTokens.total !== undefined;
      const raw = finish?.usage.raw;
      const drops = raw !== undefined && isMoreThan({ wire: wireUsage, raw });
      if (isUseful.size >= maxRemembered) isUseful.clear();
      isUseful.set(
        provider,
        rawUsages > 1 || (rawUsages === 1 && (!isReported || drops)) || !isStandardTier(wireTier),
      );
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

/** Tells whether the wire has a count or a cost that the package left out of its own usage. */
function isMoreThan({ wire, raw }: { readonly wire: unknown; readonly raw: unknown }): boolean {
  if (typeof wire !== 'object' || wire === null) return false;
  return Object.entries(wire).some(([name, value]) => {
    const known = fieldOf(raw, name);
    if (typeof value === 'object') return isMoreThan({ wire: value, raw: known });
    return known === undefined && typeof value === 'number' && value !== 0 && /token|cost/.test(name);
  });
}

function sendsAudio({ prompt }: PricedCall['callOptions']): boolean {
  return prompt.some(
    ({ role, content }) =>
      role === 'user' && content.some(part => part.type === 'file' && part.mediaType.startsWith('audio')),
  );
}
