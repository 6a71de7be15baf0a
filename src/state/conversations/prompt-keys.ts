import { createTextHash, type TextHash } from '../../boundary/text-hash.ts';
import type { LanguageModelV4Prompt } from '../../provider/sdk-types.ts';

/** Texts up to this length are told apart by every character; of longer ones, such as files, as much is looked at, evenly. */
const longestRead = 262_144;
const pieces = 64;
const pieceLength = longestRead / pieces;

/**
 * A key for each beginning of a conversation, message by message, the whole of it last: the same for the same messages,
 * without keeping what was written. What is said to providers beside the messages, such as where to cache, is not in it.
 */
export function promptKeys({
  prompt,
  sessionId = '',
}: {
  readonly prompt: LanguageModelV4Prompt;
  readonly sessionId: string | undefined;
}): ReadonlyArray<string> {
  const hash = createTextHash();
  hash.add(sessionId);
  return prompt.map(message => {
    addValue({ hash, value: message });
    return hash.read();
  });
}

function addValue({ hash, value }: { readonly hash: TextHash; readonly value: unknown }): void {
  if (typeof value === 'string') addText({ hash, text: value });
  else if (typeof value !== 'object' || value === null) hash.add(String(value));
  else if (value instanceof URL) hash.add(value.href);
  else if (value instanceof Uint8Array) addBytes({ hash, bytes: value });
  else if (Array.isArray(value)) for (const entry of value) addValue({ hash, value: entry });
  else
    for (const [name, entry] of Object.entries(value)) {
      if (name === 'providerOptions' || entry === undefined) continue;
      hash.add(`\n${name}:`);
      addValue({ hash, value: entry });
    }
}

function addText({ hash, text }: { readonly hash: TextHash; readonly text: string }): void {
  if (text.length <= longestRead) hash.add(text);
  else for (const from of starts(text.length)) hash.add(text.slice(from, from + pieceLength));
  // Where one text ends and the next begins counts too.
  hash.add(`\n${text.length}`);
}

function addBytes({ hash, bytes }: { readonly hash: TextHash; readonly bytes: Uint8Array }): void {
  const step = Math.max(1, Math.floor(bytes.length / pieceLength));
  for (let at = 0; at < bytes.length; at += step) hash.add(String.fromCharCode(bytes[at] ?? 0));
  hash.add(`\n${bytes.length}`);
}

/** Where the pieces begin, the first at the beginning and the last before the end. */
function starts(length: number): ReadonlyArray<number> {
  const gap = (length - pieceLength) / (pieces - 1);
  return Array.from({ length: pieces }, (_piece, index) => Math.round(index * gap));
}

/** The key of a session, which no prompt has. */
export function sessionKey(sessionId: string): string {
  return `session\n${sessionId}`;
}
