import type { LanguageModelV4CallOptions, LanguageModelV4Prompt } from '../../provider/sdk-types.ts';
import { type AnyFile, toolFileOf } from '../../provider/tool-files.ts';

/** What the files of a conversation are. */
export type Media = { readonly image: boolean; readonly pdf: boolean; readonly audio: boolean };

/** What a request needs a candidate to be able to do. */
export type Needs = Media & {
  readonly video: boolean;
  readonly tools: boolean;
  /** A tool has to be called. */
  readonly toolChoice: boolean;
  readonly jsonSchema: boolean;
  /** Providers that hold every uploaded file of the request; nobody else can read them. */
  readonly fileHolders: ReadonlyArray<string> | undefined;
};

const noMedia: Media = { image: false, pdf: false, audio: false };

/** Reads what a request needs from its options, in one pass over the messages. */
export function readNeeds({ prompt, tools, toolChoice, responseFormat }: LanguageModelV4CallOptions): Needs {
  const files = filesOf({ prompt, withResults: true });
  const hasTools = tools !== undefined && tools.length > 0;
  return {
    ...kindsOf(files),
    video: files.some(({ mediaType }) => /^video/i.test(mediaType)),
    tools: hasTools,
    toolChoice: hasTools && forcesTool(toolChoice),
    jsonSchema: responseFormat?.type === 'json' && responseFormat.schema !== undefined,
    fileHolders: holdersOf(files),
  };
}

/** Whether a choice leaves the model no other way than to call a tool. */
export function forcesTool(toolChoice: LanguageModelV4CallOptions['toolChoice']): boolean {
  return toolChoice?.type === 'required' || toolChoice?.type === 'tool';
}

/** Reads what the user attached, anywhere in the conversation. */
export function readUserMedia(prompt: LanguageModelV4Prompt): Media {
  return kindsOf(filesOf({ prompt, withResults: false }));
}

function filesOf({
  prompt,
  withResults,
}: {
  readonly prompt: LanguageModelV4Prompt;
  /** Files that the user's tools returned, too. */
  readonly withResults: boolean;
}): ReadonlyArray<AnyFile> {
  // Written in place: this runs on every call, and most have no file.
  const files: AnyFile[] = [];
  for (const message of prompt) {
    if (message.role === 'user') {
      for (const part of message.content) if (part.type === 'file') files.push(part);
    } else if (withResults && message.role === 'tool') {
      for (const part of message.content)
        if (part.type === 'tool-result' && part.output.type === 'content')
          for (const item of part.output.value) {
            const file = toolFileOf(item);
            if (file !== undefined) files.push(file);
          }
    }
  }
  return files;
}

function kindsOf(files: ReadonlyArray<AnyFile>): Media {
  if (files.length === 0) return noMedia;
  // Media types have no case: a browser or a mail may well say IMAGE/PNG.
  const mediaTypes = files.map(({ mediaType }) => mediaType.toLowerCase());
  const has = (kind: string) => mediaTypes.some(mediaType => mediaType.startsWith(kind));
  return { image: has('image'), pdf: has('application/pdf'), audio: has('audio') };
}

function holdersOf(files: ReadonlyArray<AnyFile>): ReadonlyArray<string> | undefined {
  let holders: ReadonlyArray<string> | undefined;
  for (const { data } of files) {
    if (!isReference(data)) continue;
    const own = Object.keys(data.reference);
    holders = holders === undefined ? own : holders.filter(name => own.includes(name));
  }
  return holders;
}

function isReference(data: unknown): data is { readonly reference: object } {
  return (
    typeof data === 'object' &&
    data !== null &&
    'reference' in data &&
    typeof data.reference === 'object' &&
    data.reference !== null
  );
}
