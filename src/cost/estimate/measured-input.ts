import { describeAnswer, quietly, settleQuietly } from '../../boundary/callback.ts';
import type { LanguageModelV4CallOptions } from '../../provider/sdk-types.ts';
import { defaultEstimator } from './default-estimator.ts';
import { createInputEstimate, type EstimateTokens } from './estimate-input.ts';

/** How long the input of one call is, as each model counts it. */
export type MeasuredInput = {
  /** Estimated tokens; undefined where the estimator fails. */
  readonly tokens: (model: { readonly modelId: string }) => number | undefined;
  /** True where it is certainly shorter than this, which its length alone can tell. */
  readonly isBelow: (tokens: number) => boolean;
};

/** Finds the estimator of a model: the user's, else the built-in one. */
export type EstimatorOf = (model: { readonly modelId: string }) => EstimateTokens;

/** Makes a finder of estimators. */
export function createEstimators(estimateTokens: EstimateTokens | undefined): EstimatorOf {
  const own = estimateTokens && numbersOnly(estimateTokens);
  return model => own ?? defaultEstimator(model);
}

/** Measures the input of a call for every model that may get it; texts are estimated once, and only if asked. */
export function measureInput({
  callOptions,
  estimatorOf,
}: {
  readonly callOptions: LanguageModelV4CallOptions;
  readonly estimatorOf: EstimatorOf;
}): MeasuredInput {
  const { tokens, isBelow } = createInputEstimate(callOptions);
  return {
    tokens: model => quietly(() => tokens(estimatorOf(model))),
    // What cannot be read, such as a tool call with a bigint, speaks against nobody.
    isBelow: limit => quietly(() => isBelow(limit)) ?? true,
  };
}

/** A promise in place of a number would be added up as one, and its rejection would be nobody's. */
function numbersOnly(estimateTokens: EstimateTokens): EstimateTokens {
  return text => {
    const tokens: unknown = estimateTokens(text);
    if (typeof tokens === 'number') return tokens;
    settleQuietly(tokens);
    throw new TypeError(
      `pricing.estimateTokens must return a number at once; it returned ${describeAnswer(tokens)}`,
    );
  };
}
