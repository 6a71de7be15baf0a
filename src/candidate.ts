import type { LanguageModelV4, LanguageModelV4CallOptions, SharedV4ProviderOptions } from '@ai-sdk/provider';
import type { Price, PricedCall } from './cost/index.ts';
import type { Timeouts } from './timeouts.ts';

/** Call options that a candidate, or a route, brings with it. */
export type CallDefaults = Readonly<
  Partial<
    Pick<
      LanguageModelV4CallOptions,
      | 'maxOutputTokens'
      | 'temperature'
      | 'topP'
      | 'topK'
      | 'presencePenalty'
      | 'frequencyPenalty'
      | 'stopSequences'
      | 'seed'
      | 'reasoning'
      | 'toolChoice'
      | 'headers'
    >
  >
>;

/** What a candidate is declared to be able to do. A key that is left out is unknown, and unknown is allowed. */
export type Capabilities = {
  readonly image?: boolean | undefined;
  readonly pdf?: boolean | undefined;
  readonly audio?: boolean | undefined;
  readonly tools?: boolean | undefined;
  readonly jsonSchema?: boolean | undefined;
  readonly reasoning?: boolean | undefined;
  /** Input and output together, in tokens. */
  readonly contextWindow?: number | undefined;
  /** The longest answer, in tokens. */
  readonly maxOutputTokens?: number | undefined;
};

/** One model of a route, with everything that is special to it. */
export type Candidate = {
  /** Unique: one name, one model object. */
  readonly name: string;
  readonly model: LanguageModelV4;
  /** What the user passed. Two accounts can share a provider and model id, so this tells candidates apart. */
  readonly identity: object;
  readonly settings?: CallDefaults;
  readonly providerOptions?: SharedV4ProviderOptions;
  readonly price?: Price;
  readonly capabilities?: Capabilities;
  /** Attempts per call, at least 1. */
  readonly attempts: number;
  readonly timeouts: Timeouts;
};

/** The options one candidate is called with: the call's, overridden by what the candidate brings. */
export function optionsFor({
  candidate,
  options,
}: {
  readonly candidate: Candidate;
  readonly options: LanguageModelV4CallOptions;
}): LanguageModelV4CallOptions {
  const { settings, providerOptions } = candidate;
  if (settings === undefined && providerOptions === undefined) return options;
  return {
    ...options,
    ...settings,
    ...(settings?.headers !== undefined && { headers: { ...options.headers, ...settings.headers } }),
    ...(providerOptions !== undefined && {
      providerOptions: mergeNamespaces({ base: options.providerOptions, over: providerOptions }),
    }),
  };
}

/** Merges provider options one level into each provider's namespace, as the SDK's `providerOptions` are layered. */
function mergeNamespaces({
  base,
  over,
}: {
  readonly base: SharedV4ProviderOptions | undefined;
  readonly over: SharedV4ProviderOptions;
}): SharedV4ProviderOptions {
  const merged: SharedV4ProviderOptions = { ...base };
  for (const [namespace, options] of Object.entries(over))
    merged[namespace] = { ...merged[namespace], ...options };
  return merged;
}

/** One candidate and the options it is called with, as pricing asks for them. */
export function pricedCall({
  candidate,
  options,
}: {
  readonly candidate: Candidate;
  readonly options: LanguageModelV4CallOptions;
}): PricedCall {
  const { model, price } = candidate;
  return {
    provider: model.provider,
    modelId: model.modelId,
    ...(price !== undefined && { price }),
    callOptions: optionsFor({ candidate, options }),
  };
}
