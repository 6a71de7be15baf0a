import type { LanguageModel } from 'ai';
import { answersLater } from '../boundary/callback.ts';
import { refuse } from '../boundary/check.ts';

/**
 * What language models of the AI SDK have in common, whatever version of `@ai-sdk/provider` their package pins: the types of
 * two versions need not fit each other where the models do.
 */
type AnyLanguageModel = {
  readonly specificationVersion: 'v2' | 'v3' | 'v4';
  readonly provider: string;
  readonly modelId: string;
  readonly doGenerate: (options: never) => PromiseLike<object>;
  readonly doStream: (options: never) => PromiseLike<object>;
};

/**
 * A language model of the AI SDK, from a provider package of any version, or the id of one at the global provider (by
 * default the Vercel AI Gateway).
 */
export type ModelInput = Exclude<LanguageModel, string> | AnyLanguageModel | string;

/** Makes a model when it is first asked; one that throws is called again at the next attempt. */
export type MakeModel = () => ModelInput;

const versions: ReadonlySet<unknown> = new Set(['v2', 'v3', 'v4']);

/** What only models of other kinds, and providers, have. */
const foreignMarks = {
  doEmbed: 'is an embedding model',
  maxImagesPerCall: 'is an image model',
  maxVideosPerCall: 'is a video model',
  doRerank: 'is a reranking model',
  languageModel: 'is a provider, to be called with a model id,',
} as const;

/** True for what can be composed: a language model of any version that the SDK takes, or a model id. */
export function isModel(value: unknown): value is ModelInput {
  if (typeof value === 'string') return value !== '';
  return (
    isObject(value) &&
    versions.has(Reflect.get(value, 'specificationVersion')) &&
    isMethod({ value, name: 'doGenerate' }) &&
    isMethod({ value, name: 'doStream' }) &&
    !isOfSound(value)
  );
}

/** True for a function that makes a model; a model and a provider can be functions too. */
export function isModelMaker(value: unknown): value is MakeModel {
  return (
    typeof value === 'function' &&
    value.length === 0 &&
    !isModel(value) &&
    !answersLater(value) &&
    !('specificationVersion' in value || 'languageModel' in value)
  );
}

/** Throws `InvalidArgumentError` that says what the value is in place of a language model. */
export function refuseModel({
  path,
  value,
}: {
  readonly path: ReadonlyArray<string>;
  readonly value: unknown;
}): never {
  return refuse({
    path,
    value,
    problem: `${foreign(value)}must be a language model of the AI SDK, such as openai("gpt-6-sol"), a model id, a function that makes one, or { model, ... }`,
  });
}

/** A transcription or speech model that streams has the methods of a language model, by the same names. */
function isOfSound(value: object): boolean {
  const provider: unknown = Reflect.get(value, 'provider');
  return (
    !('supportedUrls' in value) &&
    typeof provider === 'string' &&
    /\.(?:transcription|speech)\b/.test(provider)
  );
}

function foreign(value: unknown): string {
  if (!isObject(value)) return '';
  if (value instanceof Promise) return 'is a promise: await it first; it ';
  if (typeof value === 'function' && answersLater(value)) return 'makes its model later; it ';
  for (const [mark, words] of Object.entries(foreignMarks)) if (mark in value) return `${words} and `;
  if ('specificationVersion' in value && !versions.has(value.specificationVersion))
    return `is of specification ${JSON.stringify(value.specificationVersion)}, which AI SDK 7 does not take, and `;
  if ('specificationVersion' in value) return 'is a model of another kind and ';
  return typeof value === 'function' && value.length > 0 ? 'is a function that takes arguments and ' : '';
}

function isMethod({ value, name }: { readonly value: object; readonly name: string }): boolean {
  return typeof Reflect.get(value, name) === 'function';
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
