import type { LanguageModelV4FilePart } from '@ai-sdk/provider';
import { type ClassifyRequest, textOf } from './classify-request.ts';

/** Enough of a file's end to tell it from others of its length: beginnings are headers, and much alike. */
const excerptLength = 256;

/**
 * Tells conversations apart by the user's first message, in a few bytes and without keeping what was written: by its text
 * with the kinds of files that go with it, or by the files where there is no text; and by its session, or all that begin with
 * a greeting would be one. Undefined where the user said nothing.
 */
export function conversationKey({
  prompt,
  sessionId = '',
}: Pick<ClassifyRequest, 'prompt' | 'sessionId'>): string | undefined {
  for (const message of prompt) {
    if (message.role !== 'user') continue;
    const text = textOf(message);
    const files = message.content.filter(part => part.type === 'file');
    if (text === '' && files.length === 0) continue;
    const attached = files.map(file => (text === '' ? excerptOf(file) : file.mediaType));
    return hash([sessionId, text, ...attached].join('\n'));
  }
  return undefined;
}

function excerptOf({ mediaType, data }: LanguageModelV4FilePart): string {
  switch (data.type) {
    case 'url':
      // What follows the path is signed anew for every turn.
      return `${mediaType} ${data.url.origin}${data.url.pathname}`;
    case 'reference':
      return `${mediaType} ${JSON.stringify(data.reference)}`;
    case 'text':
      return `${mediaType} ${data.text}`;
    case 'data': {
      const end = data.data.slice(-excerptLength);
      return `${mediaType} ${data.data.length} ${typeof end === 'string' ? end : end.join()}`;
    }
    default: {
      const unknownData: never = data;
      return `${mediaType} ${JSON.stringify(unknownData)}`;
    }
  }
}

function hash(text: string): string {
  let one = 0x811c9dc5;
  let other = 0xdeadbeef;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    one = Math.imul(one ^ unit, 0x01000193);
    other = Math.imul(other ^ unit, 0x9e3779b1) ^ (other >>> 15);
  }
  return `${text.length}:${one >>> 0}:${other >>> 0}`;
}
