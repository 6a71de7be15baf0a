import type {
  LanguageModelV4CallOptions,
  LanguageModelV4Content,
  LanguageModelV4GenerateResult,
  LanguageModelV4StreamPart,
  LanguageModelV4StreamResult,
} from '@ai-sdk/provider';
import type { FinishPart } from './attempt.ts';

type Text = Extract<LanguageModelV4Content, { type: 'text' }>;

/** A text or a reasoning as it grows; of its metadata the latest counts, as it does for the SDK. */
type Block = Pick<Text, 'citations' | 'providerMetadata'> & {
  readonly type: 'text' | 'reasoning';
  readonly deltas: string[];
};

/** What packages put into streams, and into no generated answer. Tried in November 2026: @ai-sdk/anthropic 4.0.105. */
const streamedOnly: ReadonlyArray<string> = ['anthropic.message_start'];

/** Makes the generated answer of the parts of a whole stream, as the SDK makes a step of them. */
export function collect({
  parts,
  finish,
  result: { request, response },
  options: { responseFormat },
}: {
  readonly parts: ReadonlyArray<LanguageModelV4StreamPart>;
  /** With the reason as it was judged. */
  readonly finish: FinishPart;
  readonly result: Pick<LanguageModelV4StreamResult, 'request' | 'response'>;
  readonly options: LanguageModelV4CallOptions;
}): LanguageModelV4GenerateResult {
  const { finishReason, usage, providerMetadata } = finish;
  const content = contentOf(parts);
  const structuredOutputText = responseFormat?.type === 'json' ? finalAnswer(content) : undefined;
  return {
    content,
    ...(structuredOutputText !== undefined && { structuredOutputText }),
    finishReason,
    usage,
    ...(providerMetadata !== undefined && { providerMetadata }),
    ...(request !== undefined && { request }),
    response: { ...metadataOf(parts), ...response },
    warnings: parts.flatMap(part => (part.type === 'stream-start' ? part.warnings : [])),
  };
}

/** What an answer consists of; every text and reasoning stands where it began. */
export function contentOf(parts: ReadonlyArray<LanguageModelV4StreamPart>): LanguageModelV4Content[] {
  const pieces: Array<Block | { readonly whole: LanguageModelV4Content }> = [];
  const open = new Map<string, Block>();
  const begin = ({ type, id }: Place): Block => {
    const block: Block = { type, deltas: [] };
    pieces.push(block);
    open.set(`${type} ${id}`, block);
    return block;
  };
  const find = (place: Place): Block => open.get(`${place.type} ${place.id}`) ?? begin(place);

  for (const part of parts) {
    switch (part.type) {
      case 'text-start':
      case 'reasoning-start':
        Object.assign(begin(placeOf(part)), kept(part));
        break;
      case 'text-delta':
      case 'reasoning-delta': {
        const block = find(placeOf(part));
        block.deltas.push(part.delta);
        Object.assign(block, kept(part));
        break;
      }
      case 'text-end':
      case 'reasoning-end':
        Object.assign(find(placeOf(part)), kept(part));
        break;
      case 'tool-result':
        // Whoever waits for the whole answer has no use for how far a tool got.
        if (part.preliminary !== true) pieces.push({ whole: part });
        break;
      case 'custom':
        if (!streamedOnly.includes(part.kind)) pieces.push({ whole: part });
        break;
      case 'tool-call':
      case 'tool-approval-request':
      case 'file':
      case 'reasoning-file':
      case 'source':
        pieces.push({ whole: part });
    }
  }
  return pieces.flatMap(piece => ('whole' in piece ? piece.whole : toContent(piece)));
}

/** Which block it is: a text and a reasoning may have the same id. */
type Place = Pick<Block, 'type'> & { readonly id: string };

function placeOf({ type, id }: { readonly type: string; readonly id: string }): Place {
  return { type: type.startsWith('text') ? 'text' : 'reasoning', id };
}

/** What a part says of its block beside the text. */
function kept(
  part: Pick<Text, 'citations' | 'providerMetadata'>,
): Pick<Text, 'citations' | 'providerMetadata'> {
  const { citations, providerMetadata } = part;
  return {
    ...(citations !== undefined && { citations }),
    ...(providerMetadata !== undefined && { providerMetadata }),
  };
}

/** A block in which nothing was said is none. */
function toContent({ type, deltas, ...own }: Block): LanguageModelV4Content[] {
  const text = deltas.join('');
  return text === '' && Object.keys(own).length === 0 ? [] : [{ type, text, ...own }];
}

function metadataOf(
  parts: ReadonlyArray<LanguageModelV4StreamPart>,
): NonNullable<LanguageModelV4GenerateResult['response']> {
  let metadata = {};
  for (const part of parts) {
    if (part.type !== 'response-metadata') continue;
    const { type: _type, ...own } = part;
    metadata = { ...metadata, ...own };
  }
  return metadata;
}

/** The text to parse where a model of OpenAI's wrote drafts before its answer: its package marks the answer in streams. */
export function finalAnswer(content: ReadonlyArray<LanguageModelV4Content>): string | undefined {
  const answer = content.findLast(
    part =>
      part.type === 'text' &&
      Object.values(part.providerMetadata ?? {}).some(({ phase }) => phase === 'final_answer'),
  );
  return answer?.type === 'text' ? answer.text : undefined;
}
