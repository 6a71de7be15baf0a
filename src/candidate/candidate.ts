import type { Price, PricedCall } from '../cost/index.ts';
import { notMade } from '../provider/lazy-model.ts';
import type { LanguageModelV4, LanguageModelV4CallOptions } from '../provider/sdk-types.ts';
import { type OwnCallOptions, optionsFor } from './call-options.ts';
import type { RateLimitSettings } from './rate-limit.ts';
import type { Timeouts } from './timeouts.ts';

/** What a candidate is declared to be able to do. A key that is left out is unknown, and unknown is allowed. */
export type Capabilities = {
  readonly image?: boolean | undefined;
  readonly pdf?: boolean | undefined;
  readonly audio?: boolean | undefined;
  readonly video?: boolean | undefined;
  readonly tools?: boolean | undefined;
  /** Calling a tool because the request says so. */
  readonly toolChoice?: boolean | undefined;
  readonly jsonSchema?: boolean | undefined;
  readonly reasoning?: boolean | undefined;
  /** Going on behind an assistant message at the end of the request, for `recover: 'continue'`; unlike the others, unknown is no. */
  readonly prefill?: boolean | undefined;
  /** Input and output together, in tokens. */
  readonly contextWindow?: number | undefined;
  /** The longest answer, in tokens. */
  readonly maxOutputTokens?: number | undefined;
};

/** One model of a route, with everything that is special to it. */
export type Candidate = OwnCallOptions & {
  /** Unique: one name, one model object. */
  readonly name: string;
  /** Stands for the name in messages, which go to browsers. */
  readonly stamp: string;
  readonly model: LanguageModelV4;
  /** Makes the model where a function has to; never throws. */
  readonly prepare?: () => void;
  /** What the user passed. Two accounts can share a provider and model id, so this tells candidates apart. */
  readonly identity: object;
  /** Whether it may be asked now; left out where it always may. */
  readonly isEnabled?: () => boolean;
  /** Whose breaker it has, where that is not its own. */
  readonly healthKey?: string;
  readonly price?: Price;
  readonly rateLimit?: RateLimitSettings;
  readonly capabilities?: Capabilities;
  /** Attempts per call, at least 1. */
  readonly attempts: number;
  readonly timeouts: Timeouts;
};

/** Tells a candidate that is itself a composite of the session, or the conversation would wander among its candidates. */
export function withSession({
  candidate,
  sessionId,
}: {
  readonly candidate: Candidate;
  readonly sessionId: string | undefined;
}): Candidate {
  const { provider } = candidate.model;
  // What is not made yet may turn out to be one.
  if (sessionId === undefined || (provider !== 'composite' && provider !== notMade)) return candidate;
  const { providerOptions } = candidate;
  return {
    ...candidate,
    providerOptions: { ...providerOptions, composite: { sessionId, ...providerOptions?.composite } },
  };
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
