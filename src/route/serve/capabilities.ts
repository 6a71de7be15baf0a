import type { LanguageModelV4, LanguageModelV4CallOptions } from '@ai-sdk/provider';
import type { Candidate } from '../../candidate/candidate.ts';
import { heldAs } from './held-links.ts';
import type { UnfetchedLinks } from './links.ts';
import { forcesTool, type Needs, readNeeds } from './needs.ts';

/** How long a request's input is, as models count it. */
export type InputSize = {
  /** Estimated tokens; undefined where the estimator fails, so that nothing speaks against a candidate. */
  readonly tokens: (model: LanguageModelV4) => number | undefined;
  /** True where the input is certainly shorter than this, which its length alone can tell. */
  readonly isBelow: (tokens: number) => boolean;
};

const words = {
  image: 'images',
  pdf: 'PDF files',
  audio: 'audio',
  video: 'videos',
  tools: 'tools',
  toolChoice: 'a required tool call',
  jsonSchema: 'JSON output with a schema',
} as const;
const needWords = Object.entries(words) as ReadonlyArray<
  [need: keyof typeof words, word: (typeof words)[keyof typeof words]]
>;

/**
 * Providers that read files under their own name alone. Anybody else may be a client of one of them under another name, or
 * pass the request on to one.
 */
const fileReaders: ReadonlyArray<string> = ['openai', 'anthropic', 'google', 'xai', 'mistral', 'groq'];

const nothing: ReadonlyArray<string> = [];

/** By how much an estimate of tokens may be off, as a factor: the built-in estimator's mean error is 5 to 9 %. */
export const estimateTolerance = 1.1;

/** What is known of a request and of models when candidates are judged. */
export type JudgeFacts = {
  readonly options: LanguageModelV4CallOptions;
  readonly input: InputSize;
  /** What a list says of a candidate's model, in tokens; the user's own declaration wins. */
  readonly contextWindowOf: (candidate: Candidate) => number | undefined;
  /** Where the request has links that somebody follows and somebody else does not. */
  readonly unfetched?: UnfetchedLinks | undefined;
};

/** A candidate that cannot serve a request, and everything it lacks, in words. */
export type UnableCandidate = { readonly candidate: Candidate; readonly lacks: ReadonlyArray<string> };

/** Tells who can serve a request, as far as is known, from who cannot. */
export function judgeCandidates({
  candidates,
  facts,
}: {
  readonly candidates: ReadonlyArray<Candidate>;
  readonly facts: JudgeFacts;
}): { readonly able: ReadonlyArray<Candidate>; readonly unable: ReadonlyArray<UnableCandidate> } {
  const needs = readNeeds(facts.options);
  const able: Candidate[] = [];
  const unable: UnableCandidate[] = [];
  for (const candidate of candidates) {
    const lacks = lacksOf({ candidate, needs, facts });
    if (lacks.length === 0) able.push(candidate);
    else unable.push({ candidate, lacks });
  }
  return { able, unable };
}

function lacksOf({
  candidate,
  needs,
  facts: { options, input, contextWindowOf, unfetched },
}: {
  readonly candidate: Candidate;
  readonly needs: Needs;
  readonly facts: JudgeFacts;
}): ReadonlyArray<string> {
  const { capabilities, model, settings } = candidate;
  const listed = capabilities?.contextWindow === undefined ? contextWindowOf(candidate) : undefined;
  const isKnown = capabilities !== undefined || listed !== undefined || unfetched !== undefined;
  if (!isKnown && needs.fileHolders === undefined) return nothing;

  const lacks: string[] = [];
  const held = unfetched?.(candidate).flatMap(({ url }) => heldAs(url) ?? []);
  for (const what of new Set(held)) lacks.push(`does not follow ${what}, which the request has`);
  const { fileHolders } = needs;
  if (fileHolders !== undefined && isOfAnother({ provider: model.provider, fileHolders }))
    lacks.push(
      fileHolders.length === 0
        ? 'nobody holds all files of the request'
        : `a file of the request is held by ${fileHolders.join(', ')} only`,
    );
  const {
    reasoning = options.reasoning,
    maxOutputTokens = options.maxOutputTokens,
    toolChoice,
  } = settings ?? {};
  if (capabilities !== undefined) {
    const own =
      toolChoice === undefined ? needs : { ...needs, toolChoice: needs.tools && forcesTool(toolChoice) };
    for (const [need, word] of needWords)
      if (own[need] && capabilities[need] === false)
        lacks.push(`declared without ${word}, which the request needs`);
  }
  const asksReasoning = reasoning !== undefined && reasoning !== 'none' && reasoning !== 'provider-default';
  if (asksReasoning && capabilities?.reasoning === false)
    lacks.push('declared without a reasoning effort, which the request needs');
  const longest = capabilities?.maxOutputTokens;
  if (longest !== undefined && maxOutputTokens !== undefined && maxOutputTokens > longest)
    lacks.push(`the request wants up to ${maxOutputTokens} output tokens, declared are ${longest}`);

  const window = capabilities?.contextWindow ?? listed;
  if (window === undefined) return lacks;
  // An estimate errs; nobody is left out on the word of a list for what may just fit.
  const most = listed === undefined ? window : window * estimateTolerance;
  const output = maxOutputTokens ?? 0;
  if (input.isBelow(most - output)) return lacks;
  const inputTokens = input.tokens(model) ?? 0;
  if (inputTokens + output > most)
    lacks.push(
      `about ${inputTokens} input tokens${output > 0 ? ` and up to ${output} of output` : ''}, the context window is ${window}`,
    );
  return lacks;
}

function isOfAnother({
  provider,
  fileHolders,
}: {
  readonly provider: string;
  readonly fileHolders: ReadonlyArray<string>;
}): boolean {
  const name = provider.split('.', 1)[0] ?? provider;
  return fileReaders.includes(name) && !fileHolders.includes(name);
}
