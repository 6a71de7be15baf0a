import type { LanguageModelV4Prompt } from '../../provider/sdk-types.ts';
import { type MessageText, messageText } from './message-text.ts';

/** Texts of the user up to this length in all, in UTF-16 units, are read whole; of longer ones as much. */
const longestRead = 65_536;

/** No message is cut shorter than this, so that a conversation of very many loses messages from its middle instead. */
const shortestExcerpt = 512;

/** A cut goes back to a space at most this far away. */
const longestWord = 64;

/**
 * What the user wrote, oldest first, bounded: up to 65,536 characters whole. Of a longer conversation the beginning and the
 * end of every message that is too long, and, where there are more than 128 messages, the first one and the latest.
 */
export function readExcerpts(prompt: LanguageModelV4Prompt): ReadonlyArray<string> {
  const all: MessageText[] = [];
  let length = 0;
  for (const message of prompt) {
    const text = message.role === 'user' ? messageText(message) : undefined;
    if (text === undefined) continue;
    all.push(text);
    length += text.length;
  }
  if (length <= longestRead) return all.map(whole);
  const latest = longestRead / shortestExcerpt - 1;
  const texts = all.length <= latest + 1 ? all : [...all.slice(0, 1), ...all.slice(-latest)];
  const most = lengthThatFits(texts);
  return texts.flatMap(text =>
    text.length <= most
      ? [whole(text)]
      : [
          text.slice({ from: 0, to: most / 2 }).replace(cutWordAtEnd, ''),
          text.slice({ from: text.length - most / 2, to: text.length }).replace(cutWordAtStart, ''),
        ],
  );
}

function whole(text: MessageText): string {
  return text.slice({ from: 0, to: text.length });
}

/** Half a word is another word; only where there is a space nearby, for not every script has them. */
const cutWordAtEnd = new RegExp(`(?<=\\s)\\S{1,${longestWord}}$`);
const cutWordAtStart = new RegExp(`^\\S{1,${longestWord}}(?=\\s)`);

/** The length to which texts have to be cut so that all of them fit; what is shorter leaves its rest to the others. */
function lengthThatFits(texts: ReadonlyArray<MessageText>): number {
  let left = longestRead;
  let count = texts.length;
  for (const { length } of [...texts].sort((one, other) => one.length - other.length)) {
    const share = Math.floor(left / count);
    if (length > share) return share - (share % 2);
    left -= length;
    count -= 1;
  }
  return longestRead;
}
