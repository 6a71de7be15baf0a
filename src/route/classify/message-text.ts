import type { LanguageModelV4Message } from '../../provider/sdk-types.ts';

type UserMessage = Extract<LanguageModelV4Message, { role: 'user' }>;

/** The text of one message of the user, its parts on lines of their own, read in pieces: it may be a whole book. */
export type MessageText = {
  /** In UTF-16 units. */
  readonly length: number;
  /** Copies no more than what is asked for. */
  readonly slice: (range: { readonly from: number; readonly to: number }) => string;
};

/** Makes the text of a message; undefined where it has none. */
export function messageText({ content }: UserMessage): MessageText | undefined {
  const texts: string[] = [];
  let length = -1;
  for (const part of content) {
    if (part.type !== 'text') continue;
    const { text } = part;
    texts.push(text);
    length += text.length + 1;
  }
  if (length < 1) return undefined;
  return {
    length,
    slice: ({ from, to }) => {
      if (texts.length === 1) return texts[0]?.slice(from, to) ?? '';
      let piece = '';
      let start = 0;
      for (const text of texts) {
        if (start > 0) piece += start > from && start <= to ? '\n' : '';
        piece += text.slice(Math.max(0, from - start), Math.max(0, to - start));
        start += text.length + 1;
      }
      return piece;
    },
  };
}
