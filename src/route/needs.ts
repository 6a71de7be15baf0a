import type { LanguageModelV4CallOptions, LanguageModelV4FilePart } from '@ai-sdk/provider';
import type { Capabilities } from './capabilities.ts';

/** What a request needs a candidate to be able to do. */
export type Needs = {
  readonly [NEED in Exclude<keyof Capabilities, 'contextWindow' | 'maxOutputTokens'>]?: true;
} & {
  readonly maxOutputTokens?: number;
  /** Providers that hold an uploaded file of the request; nobody else can read it. */
  readonly fileHolders?: ReadonlyArray<string>;
};

/** Reads what a request needs from its options, in one pass over the messages. */
export function readNeeds(options: LanguageModelV4CallOptions): Needs {
  const { prompt, tools, responseFormat, reasoning, maxOutputTokens } = options;
  let needs: Needs = {};
  for (const message of prompt) {
    if (message.role !== 'user') continue;
    for (const part of message.content) if (part.type === 'file') needs = { ...needs, ...needsOfFile(part) };
  }
  return {
    ...needs,
    ...(tools !== undefined && tools.length > 0 && { tools: true as const }),
    ...(responseFormat?.type === 'json' &&
      responseFormat.schema !== undefined && { jsonSchema: true as const }),
    ...(reasoning !== undefined &&
      reasoning !== 'none' &&
      reasoning !== 'provider-default' && { reasoning: true as const }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
  };
}

function needsOfFile({ mediaType, data }: LanguageModelV4FilePart): Needs {
  const holders = data.type === 'reference' ? { fileHolders: Object.keys(data.reference) } : {};
  if (mediaType.startsWith('image')) return { ...holders, image: true };
  if (mediaType.startsWith('audio')) return { ...holders, audio: true };
  return mediaType === 'application/pdf' ? { ...holders, pdf: true } : holders;
}
