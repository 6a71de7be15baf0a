import type { LanguageModelV4FilePart } from '@ai-sdk/provider';
import { createTextHash } from '../../boundary/text-hash.ts';
import type { ClassifyRequest } from './classify-request.ts';
import { type MessageText, messageText } from './message-text.ts';

/** Enough of a file's end to tell it from others of its length: beginnings are headers, and much alike. */
const excerptLength = 256;

/** Texts up to this length are told apart by every character; of longer ones as much is looked at, evenly. */
const longestRead = 16_384;
const pieces = 64;

/**
 * Tells conversations apart by the user's first message, in a few bytes and without keeping what was written: by its text
 * (of one beyond 16,384 characters, by its length and 64 pieces of it) with the kinds of files that go with it, or by the files where there is no text; and by its session, or all that begin with
 * a greeting would be one. Undefined where the user said nothing.
 */
export function conversationKey({
  prompt,
  sessionId = '',
}: Pick<ClassifyRequest, 'prompt' | 'sessionId'>): string | undefined {
  for (const message of prompt) {
    if (message.role !== 'user') continue;
    const text = messageText(message);
    const files = message.content.filter(part => part.type === 'file');
    if (text === undefined && files.length === 0) continue;
    const attached = files.map(file => (text === undefined ? excerptOf(file) : file.mediaType));
    const hash = createTextHash();
    hash.add([sessionId, text === undefined ? '' : readEvenly(text), ...attached].join('\n'));
    return hash.read();
  }
  return undefined;
}

function textOf({ text }: { readonly text: string }): MessageText {
  return { length: text.length, slice: ({ from, to }) => text.slice(from, to) };
}

/** The whole of a text, or its length and even pieces of it, its beginning and its end among them. */
function readEvenly({ length, slice }: MessageText): string {
  if (length <= longestRead) return slice({ from: 0, to: length });
  const size = longestRead / pieces;
  const gap = (length - size) / (pieces - 1);
  let text = `${length}`;
  for (let index = 0; index < pieces; index++) {
    const from = Math.round(index * gap);
    text += slice({ from, to: from + size });
  }
  return text;
}

function excerptOf({ mediaType, data }: LanguageModelV4FilePart): string {
  return `${mediaType} ${describeData(data)}`;
}

function describeData(data: LanguageModelV4FilePart['data']): string {
  switch (data.type) {
    case 'url':
      // What follows the path is signed anew for every turn.
      return `${data.url.origin}${data.url.pathname}`;
    case 'reference':
      return JSON.stringify(data.reference);
    case 'text':
      return readEvenly(textOf(data));
    case 'data': {
      const end = data.data.slice(-excerptLength);
      return `${data.data.length} ${typeof end === 'string' ? end : end.join()}`;
    }
    default:
      return describeBare(data);
  }
}

/** Data as earlier versions of the SDK had it, without a type; written out it could be megabytes. */
function describeBare(data: unknown): string {
  if (data instanceof URL) return describeData({ type: 'url', url: data });
  return typeof data === 'string' || data instanceof Uint8Array ? describeData({ type: 'data', data }) : '';
}
