import type {
  LanguageModelV4Content,
  LanguageModelV4StreamPart,
  SharedV4ProviderMetadata,
} from '../provider/sdk-types.ts';

/**
 * What stands for a candidate in a conversation: seven letters and digits made of its name, the same in every process. Messages
 * go to browsers, and a name may hold an account number or the name of a deployment. It is short on purpose: so many names
 * have the same one that none can be told by trying.
 */
export function stampOf(name: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < name.length; index++)
    hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0).toString(36).padStart(7, '0');
}

/**
 * Stamps what a candidate made. The SDK carries `providerMetadata` of parts into the messages of the next step as
 * `providerOptions`, so `historyFor` can tell later whose ids and signatures a part holds, without any store.
 */
function withStamp({
  metadata,
  stamp,
}: {
  readonly metadata: SharedV4ProviderMetadata | undefined;
  readonly stamp: string;
}): SharedV4ProviderMetadata {
  // A candidate that is a composite has stamped the part already; it gets its own stamp back when it is asked again.
  const inner = metadata?.composite;
  return { ...metadata, composite: inner === undefined ? { candidate: stamp } : { candidate: stamp, inner } };
}

/** The content of a generated answer, each part that goes into the history stamped. */
export function stampContent({
  content,
  stamp,
}: {
  readonly content: ReadonlyArray<LanguageModelV4Content>;
  readonly stamp: string;
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
    return { ...part, providerMetadata: withStamp({ metadata: part.providerMetadata, stamp }) };
  });
}

/** An open block: it has text but no metadata, its metadata has the stamp, or this is its metadata, without one. */
type Block = 'bare' | 'stamped' | SharedV4ProviderMetadata;

/**
 * Makes a function that stamps stream parts. Of a text or reasoning block the SDK keeps the latest metadata, and sends what
 * a text delta has with every later one; some providers put metadata on every delta. So a block is stamped where it first has
 * metadata and at its end, and one without any at its end only. A block that is cut off before its end may have no stamp.
 */
export function createStamper(stamp: string): (part: LanguageModelV4StreamPart) => LanguageModelV4StreamPart {
  const blocks = new Map<string, Block>();
  /** The block of the latest text. */
  let current: string | undefined;
  const stamped = <PART extends { readonly providerMetadata?: SharedV4ProviderMetadata }>(
    part: PART,
    metadata = part.providerMetadata,
  ): PART => ({ ...part, providerMetadata: withStamp({ metadata, stamp }) });

  return part => {
    switch (part.type) {
      case 'text-start':
      case 'reasoning-start':
        if (part.providerMetadata === undefined) return part;
        blocks.set(part.id, 'stamped');
        return stamped(part);
      case 'text-delta':
      case 'reasoning-delta': {
        if (part.providerMetadata === undefined) {
          if (part.id === current || part.delta === '') return part;
          current = part.id;
          if (!blocks.has(part.id)) blocks.set(part.id, 'bare');
          return part;
        }
        const isFirst = (blocks.get(part.id) ?? 'bare') === 'bare';
        blocks.set(part.id, isFirst ? 'stamped' : part.providerMetadata);
        return isFirst ? stamped(part) : part;
      }
      case 'text-end':
      case 'reasoning-end': {
        const block = blocks.get(part.id);
        blocks.delete(part.id);
        if (current === part.id) current = undefined;
        if (part.providerMetadata !== undefined || block === 'bare') return stamped(part);
        // The SDK drops an empty text without metadata, which providers refuse; a stamp would keep it.
        return block === undefined || block === 'stamped' ? part : stamped(part, block);
      }
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
