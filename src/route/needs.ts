import type { LanguageModelV4CallOptions } from '@ai-sdk/provider';
import type { Capabilities } from '../candidate.ts';

/** What a request needs a candidate to be able to do. */
export type Needs = {
  readonly [NEED in Exclude<keyof Capabilities, 'contextWindow' | 'maxOutputTokens'>]?: true;
} & {
  readonly maxOutputTokens?: number;
  /** Providers that hold an uploaded file of the request; nobody else can read it. */
  readonly fileHolders?: ReadonlyArray<string>;
};

/** Reads what a request needs from its options, in one pass over the messages. */
export function readNeeds({
  prompt,
  tools,
  responseFormat,
  reasoning,
  maxOutputTokens,
}: LanguageModelV4CallOptions): Needs {
  // Written in place: this runs on every call, and most calls need nothing.
  const needs: { -readonly [KEY in keyof Needs]: Needs[KEY] } = {};
  for (const message of prompt) {
    if (message.role !== 'user') continue;
    for (const part of message.content) {
      if (part.type !== 'file') continue;
      if (part.mediaType.startsWith('image')) needs.image = true;
      else if (part.mediaType.startsWith('audio')) needs.audio = true;
      else if (part.mediaType === 'application/pdf') needs.pdf = true;
      if (part.data.type === 'reference') needs.fileHolders = Object.keys(part.data.reference);
    }
  }
  if (tools !== undefined && tools.length > 0) needs.tools = true;
  if (responseFormat?.type === 'json' && responseFormat.schema !== undefined) needs.jsonSchema = true;
  if (reasoning !== undefined && reasoning !== 'none' && reasoning !== 'provider-default')
    needs.reasoning = true;
  if (maxOutputTokens !== undefined) needs.maxOutputTokens = maxOutputTokens;
  return needs;
}
