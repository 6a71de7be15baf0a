import type {
  LanguageModelV4Content,
  LanguageModelV4StreamPart,
  SharedV4ProviderMetadata,
} from '@ai-sdk/provider';

/**
 * Stamps what a candidate made with its name. The SDK carries `providerMetadata` of parts into the messages of the next
 * step as `providerOptions`, so `historyFor` can tell later whose ids and signatures a part holds, without any store.
 */
function stamp({
  metadata,
  candidate,
}: {
  readonly metadata: SharedV4ProviderMetadata | undefined;
  readonly candidate: string;
}): SharedV4ProviderMetadata {
  // A candidate that is a composite has stamped the part already; it gets its own stamp back when it is asked again.
  const inner = metadata?.composite;
  return { ...metadata, composite: inner === undefined ? { candidate } : { candidate, inner } };
}

/** The content of a generated answer, each part that goes into the history stamped. */
export function stampContent({
  content,
  candidate,
}: {
  readonly content: ReadonlyArray<LanguageModelV4Content>;
  readonly candidate: string;
}): LanguageModelV4Content[] {
  return content.map(part => {
    if (part.type === 'source') return part;
    // The SDK drops an empty text without metadata, which providers refuse; a stamp would keep it.
    if (
      (part.type === 'text' || part.type === 'reasoning') &&
      part.text === '' &&
      part.providerMetadata === undefined
    )
      return part;
    return { ...part, providerMetadata: stamp({ metadata: part.providerMetadata, candidate }) };
  });
}

/** Makes a function that stamps stream parts. A text or reasoning block is stamped once, at its first delta with text. */
export function createStamper(
  candidate: string,
): (part: LanguageModelV4StreamPart) => LanguageModelV4StreamPart {
  const unstamped = new Set<string>();
  const stamped = <PART extends { readonly providerMetadata?: SharedV4ProviderMetadata }>(
    part: PART,
  ): PART => ({
    ...part,
    providerMetadata: stamp({ metadata: part.providerMetadata, candidate }),
  });

  return part => {
    switch (part.type) {
      case 'text-start':
      case 'reasoning-start':
        if (part.providerMetadata !== undefined) return stamped(part);
        unstamped.add(part.id);
        return part;
      case 'text-delta':
      case 'reasoning-delta':
        if (
          part.providerMetadata === undefined &&
          (unstamped.size === 0 || part.delta === '' || !unstamped.has(part.id))
        )
          return part;
        unstamped.delete(part.id);
        return stamped(part);
      case 'text-end':
      case 'reasoning-end':
        unstamped.delete(part.id);
        // The SDK lets the metadata of the end replace that of the start, so the stamp must be on both.
        return part.providerMetadata === undefined ? part : stamped(part);
      case 'tool-call':
      case 'tool-result':
      case 'tool-approval-request':
      case 'file':
      case 'reasoning-file':
      case 'custom':
        return stamped(part);
      default:
        return part;
    }
  };
}
