import type { LanguageModelV4CallOptions } from '../../provider/sdk-types.ts';
import { type AnyFile, toolFileOf } from '../../provider/tool-files.ts';
import { fieldOf } from '../usage/token-count.ts';
import { sampleJson } from './json-sample.ts';

/** What the input of a request is made of, as far as it counts. */
export type Input = {
  readonly texts: ReadonlyArray<InputText>;
  /** Of all texts, in UTF-16 units. */
  readonly length: number;
  readonly images: number;
  /** True where every length is known, not measured by a sample. */
  readonly isExact: boolean;
};

/** A text, or a part of one too long to be copied out. */
type InputText = { readonly text: string; readonly length: number };

type Prompt = LanguageModelV4CallOptions['prompt'];
type Part = Exclude<Prompt[number]['content'], string>[number];
type ToolOutput = Extract<Part, { type: 'tool-result' }>['output'];

/** A value is looked at in at most so many places, all of a request in so many; what is left over gets a few each. */
const mostPlaces = 2_048;
const mostPlacesInAll = 8_192;
const fewPlaces = 64;

/** Bytes of a text file that are decoded, whatever its size; a multiple of three, which base64 has no rest of. */
const longestDecoded = 6_144;

/** Reads the texts and images of a request, and the descriptions of its tools; copies nothing that is long. */
export function readInput({
  prompt,
  tools = [],
}: Pick<LanguageModelV4CallOptions, 'prompt' | 'tools'>): Input {
  const texts: InputText[] = [];
  let length = 0;
  let images = 0;
  let isExact = true;
  let placesLeft = mostPlacesInAll;
  const add = (entry: InputText) => {
    texts.push(entry);
    length += entry.length;
  };
  const addText = (text: string) => add({ text, length: text.length });
  const addJson = (value: unknown) => {
    if (typeof value === 'string') return addText(value);
    const sample = sampleJson({ value, mostPlaces: Math.max(fewPlaces, Math.min(mostPlaces, placesLeft)) });
    const { text, length: about, isWhole, places } = sample;
    placesLeft -= places;
    isExact &&= isWhole;
    add({ text, length: about });
  };
  const addFile = (file: AnyFile) => {
    const mediaType = file.mediaType.toLowerCase();
    if (mediaType.startsWith('image')) images += 1;
    else if (isText.test(mediaType)) add(readTextFile(file.data));
  };
  const addOutput = (output: ToolOutput) => {
    if (output.type === 'execution-denied') return addText(output.reason ?? '');
    if (output.type !== 'content') return addJson(output.value);
    for (const item of output.value) {
      const file = toolFileOf(item);
      if (file !== undefined) addFile(file);
      else if (item.type === 'text') addText(item.text);
    }
  };

  for (const tool of tools)
    if (tool.type === 'function')
      addJson({ name: tool.name, description: tool.description, inputSchema: tool.inputSchema });
  for (const message of prompt) {
    if (message.role === 'system') {
      addText(message.content);
      continue;
    }
    for (const part of message.content) {
      if (part.type === 'text' || part.type === 'reasoning') addText(part.text);
      else if (part.type === 'tool-call') addJson(part.input);
      else if (part.type === 'tool-result') addOutput(part.output);
      else if (part.type === 'file' || part.type === 'reasoning-file') addFile(part);
    }
  }
  return { texts, length, images, isExact };
}

/** Files that models get as text. */
const isText = /^text(?:\/|$)|^application\/(?:json|xml|yaml|javascript|x-ndjson)|\+(?:json|xml)$/;

/** How long a text file is, and its beginning; of one that is elsewhere nothing is known. */
function readTextFile(data: unknown): InputText {
  const content = fieldOf(data, 'text') ?? fieldOf(data, 'data') ?? data;
  if (typeof content === 'string' && fieldOf(data, 'type') === 'text')
    return { text: content, length: content.length };
  if (typeof content === 'string') {
    const start = content.slice(0, (longestDecoded / 3) * 4);
    return { text: decodeBase64(start), length: Math.floor((content.length * 3) / 4) };
  }
  if (content instanceof Uint8Array)
    return { text: new TextDecoder().decode(content.subarray(0, longestDecoded)), length: content.length };
  return { text: '', length: 0 };
}

/** What is no base64 counts by its length alone. */
function decodeBase64(base64: string): string {
  try {
    return atob(base64);
  } catch {
    return base64;
  }
}
