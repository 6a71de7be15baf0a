import type {
  LanguageModelV4Message,
  LanguageModelV4Prompt,
  SharedV4ProviderOptions,
} from '@ai-sdk/provider';

type AssistantMessage = Extract<LanguageModelV4Message, { role: 'assistant' }>;
type AssistantPart = AssistantMessage['content'][number];

/**
 * Options on a part that users set themselves and that name nothing in a provider's store. Everything else in a foreign
 * part's options may be an item id, a signature or encrypted reasoning, which other providers and accounts refuse.
 */
const harmlessOptions: ReadonlyArray<string> = ['cacheControl', 'cache_control', 'cachePoint'];

/** The candidate that made a part, read from the stamp that the SDK carries through messages. */
export function makerOf(part: { readonly providerOptions?: SharedV4ProviderOptions }): string | undefined {
  const maker = part.providerOptions?.composite?.candidate;
  return typeof maker === 'string' ? maker : undefined;
}

/**
 * The conversation as one candidate may see it: parts that another candidate made lose that provider's ids, signatures
 * and encrypted reasoning; foreign reasoning, provider-executed tools and provider-specific parts go whole, since nobody
 * else accepts them. Its own parts, and parts without a stamp, stay as they are. Returns the same prompt where nothing
 * is foreign.
 */
export function historyFor({
  candidate,
  prompt,
}: {
  readonly candidate: string;
  readonly prompt: LanguageModelV4Prompt;
}): LanguageModelV4Prompt {
  const isForeign = (part: AssistantPart) => {
    const maker = makerOf(part);
    return maker !== undefined && maker !== candidate;
  };
  const hasForeign = prompt.some(message => message.role === 'assistant' && message.content.some(isForeign));
  if (!hasForeign) return prompt;

  return prompt.flatMap((message): LanguageModelV4Prompt => {
    if (message.role !== 'assistant') return [message];
    const content = message.content.flatMap(part => (isForeign(part) ? withoutMaker(part) : [part]));
    // Providers refuse an assistant message with nothing in it.
    return content.length === 0 ? [] : [{ ...message, content }];
  });
}

function withoutMaker(part: AssistantPart): ReadonlyArray<AssistantPart> {
  switch (part.type) {
    case 'reasoning':
    case 'reasoning-file':
    case 'custom':
      return [];
    case 'tool-call':
      return part.providerExecuted === true ? [] : [strip(part)];
    case 'tool-result':
      // A result in an assistant message belongs to a tool that the provider ran itself.
      return [];
    case 'text':
      return part.text === '' ? [] : [strip(part)];
    case 'file':
      return [strip(part)];
    default: {
      const unknownPart: never = part;
      return [unknownPart];
    }
  }
}

function strip<PART extends AssistantPart>(part: PART): PART {
  const kept: SharedV4ProviderOptions = {};
  for (const [namespace, options] of Object.entries(part.providerOptions ?? {})) {
    if (namespace === 'composite') kept[namespace] = options;
    const harmless = Object.entries(options).filter(([key]) => harmlessOptions.includes(key));
    if (harmless.length > 0) kept[namespace] = Object.fromEntries(harmless);
  }
  return { ...part, providerOptions: kept };
}
