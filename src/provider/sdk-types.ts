import type { createProviderRegistry, LanguageModel, LanguageModelMiddleware } from 'ai';

// The AI SDK's interfaces as the installed `ai` has them. Our public types are built on these, never on our own copy of
// `@ai-sdk/provider`: provider packages pin versions of it, npm puts one of them where we find it, and a type of that one
// may not fit `ai`. Whoever fits `ai` has to fit us.

/** A language model as `ai` uses it. */
export type LanguageModelV4 = Extract<LanguageModel, { readonly specificationVersion: 'v4' }>;

/** A middleware as `wrapLanguageModel` takes it. */
export type LanguageModelV4Middleware = LanguageModelMiddleware & { readonly specificationVersion: 'v4' };

/** A provider as `createProviderRegistry` takes it. */
export type ProviderV4 = Extract<
  Parameters<typeof createProviderRegistry>[0][string],
  { readonly specificationVersion: 'v4' }
>;

/** What a call asks of a model. */
export type LanguageModelV4CallOptions = Parameters<LanguageModelV4['doGenerate']>[0];

/** A conversation as models take it. */
export type LanguageModelV4Prompt = LanguageModelV4CallOptions['prompt'];

/** One message of it. */
export type LanguageModelV4Message = LanguageModelV4Prompt[number];

/** A whole answer. */
export type LanguageModelV4GenerateResult = Awaited<ReturnType<LanguageModelV4['doGenerate']>>;

/** One part of a whole answer. */
export type LanguageModelV4Content = LanguageModelV4GenerateResult['content'][number];

/** The token counts of an answer. */
export type LanguageModelV4Usage = LanguageModelV4GenerateResult['usage'];

/** One part of a streamed answer. */
export type LanguageModelV4StreamPart =
  Awaited<ReturnType<LanguageModelV4['doStream']>>['stream'] extends ReadableStream<infer PART>
    ? PART
    : never;

/** What a provider says beside its answer, by provider. */
export type SharedV4ProviderMetadata = NonNullable<LanguageModelV4GenerateResult['providerMetadata']>;

/** What a call says to one provider, by provider. */
export type SharedV4ProviderOptions = NonNullable<LanguageModelV4CallOptions['providerOptions']>;

/** What providers say and are told is made of. */
export type JSONObject = SharedV4ProviderMetadata[string];
export type JSONValue = Exclude<JSONObject[string], undefined>;
