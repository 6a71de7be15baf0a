import type {
  LanguageModelV4Content,
  LanguageModelV4StreamPart,
  SharedV4ProviderMetadata,
} from '../../provider/sdk-types.ts';

/**
 * Stamps what a candidate made. The SDK carries `providerMetadata` of parts into the messages of the next step as
 * `providerOptions`, so `historyFor` can tell later whose ids and signatures a part holds, without any store.
 */
function withStamp({
  metadata,
  stamp,
}: {
  readonly metadata: SharedV4ProviderMetadata | undefined;
  readonly stamp: Stamp;
}): SharedV4ProviderMetadata {
  // A candidate that is a composite has stamped the part already; it gets its own stamp back when it is asked again.
  const inner = metadata?.composite;
  return { ...metadata, composite: inner === undefined ? { ...stamp } : { ...stamp, inner } };
}

/** What is written on a part. */
type Stamp = {
  readonly candidate: string;
  /** Set where the candidate went on with another one's answer: the message is of both. */
  readonly continued?: true;
};

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
    return {
      ...part,
      providerMetadata: withStamp({ metadata: part.providerMetadata, stamp: { candidate: stamp } }),
    };
  });
}

/** An open block: it has text but no metadata, its metadata has the stamp, or this is its metadata, without one. */
type Block = 'bare' | 'stamped' | SharedV4ProviderMetadata;

/** What is known of the blocks of one stream. */
export type Stamper = {
  readonly stamp: Stamp;
  /** The block of the latest text. */
  current: string | undefined;
  /** A block that has text but no metadata; most streams have no other. */
  bare: string | undefined;
  blocks: Map<string, Block> | undefined;
};

/** Makes a stamper that has seen nothing. */
export function createStamper(stamp: Stamp): Stamper {
  return { stamp, current: undefined, bare: undefined, blocks: undefined };
}

/**
 * Stamps a stream part. Of a text or reasoning block the SDK keeps the latest metadata, and sends what a text delta has with
 * every later one; some providers put metadata on every delta. So a block is stamped where it first has metadata and at its
 * end, and one without any at its end only. A block that is cut off before its end may have no stamp.
 */
export function stampPart({
  stamper,
  part,
}: {
  readonly stamper: Stamper;
  readonly part: LanguageModelV4StreamPart;
}): LanguageModelV4StreamPart {
  const { stamp } = stamper;
  switch (part.type) {
    case 'text-delta':
    case 'reasoning-delta': {
      const { id, delta, providerMetadata } = part;
      if (providerMetadata === undefined) {
        if (id === stamper.current || delta === '') return part;
        stamper.current = id;
        if (blockOf({ stamper, id }) === undefined) keep({ stamper, id, block: 'bare' });
        return part;
      }
      const isFirst = (blockOf({ stamper, id }) ?? 'bare') === 'bare';
      keep({ stamper, id, block: isFirst ? 'stamped' : providerMetadata });
      return isFirst ? stamped({ part, stamp }) : part;
    }
    case 'text-start':
    case 'reasoning-start':
      if (part.providerMetadata === undefined) return part;
      keep({ stamper, id: part.id, block: 'stamped' });
      return stamped({ part, stamp });
    case 'text-end':
    case 'reasoning-end': {
      const { id, providerMetadata } = part;
      const block = blockOf({ stamper, id });
      forget({ stamper, id });
      if (providerMetadata !== undefined || block === 'bare') return stamped({ part, stamp });
      // The SDK drops an empty text without metadata, which providers refuse; a stamp would keep it.
      return block === undefined || block === 'stamped' ? part : stamped({ part, stamp, metadata: block });
    }
    case 'tool-call':
    case 'tool-result':
    case 'tool-approval-request':
    case 'file':
    case 'reasoning-file':
    case 'custom':
      return stamped({ part, stamp });
    default:
      return part;
  }
}

function stamped<PART extends { readonly providerMetadata?: SharedV4ProviderMetadata }>({
  part,
  stamp,
  metadata = part.providerMetadata,
}: {
  readonly part: PART;
  readonly stamp: Stamp;
  readonly metadata?: SharedV4ProviderMetadata | undefined;
}): PART {
  return { ...part, providerMetadata: withStamp({ metadata, stamp }) };
}

type InStream = { readonly stamper: Stamper; readonly id: string };

function blockOf({ stamper: { bare, blocks }, id }: InStream): Block | undefined {
  return id === bare ? 'bare' : blocks?.get(id);
}

function keep({ stamper, id, block }: InStream & { readonly block: Block }): void {
  if (block === 'bare' && stamper.bare === undefined) {
    stamper.bare = id;
    return;
  }
  if (stamper.bare === id) stamper.bare = undefined;
  stamper.blocks ??= new Map();
  stamper.blocks.set(id, block);
}

function forget({ stamper, id }: InStream): void {
  if (stamper.current === id) stamper.current = undefined;
  if (stamper.bare === id) stamper.bare = undefined;
  else stamper.blocks?.delete(id);
}
