import { settleQuietly } from '../boundary/callback.ts';
import type { LanguageModelV4, LanguageModelV4CallOptions } from './sdk-types.ts';

/** A model that is made when it is first asked. */
export type LazyModel = {
  readonly model: LanguageModelV4;
  /** Makes the model if it is not made yet; what goes wrong is thrown by the model's next request. */
  readonly prepare: () => void;
};

/** The provider and model id of a model that is not made yet. */
export const notMade = 'unknown';

const lazyModels = new WeakSet<object>();

const ofVersion2 = new WeakSet<object>();

/** True for a model whose function made one of version 2 of the specification. */
export function isMadeOfVersion2(model: LanguageModelV4): boolean {
  return ofVersion2.has(model);
}

/** True for a model that is, or was, made when it was first asked. */
export function isLazy(model: LanguageModelV4): boolean {
  return lazyModels.has(model);
}

/**
 * Stands in for a model until it is made. Where making it throws, the request fails with that error and the next one tries
 * again: a missing key takes one candidate down, not the composite.
 */
export function lazyModel({
  make,
  resolve,
}: {
  readonly make: () => unknown;
  /** Turns what was made into a model; throws where it is none. */
  readonly resolve: (value: unknown) => LanguageModelV4;
}): LazyModel {
  let made: LanguageModelV4 | undefined;
  let problem: { readonly error: unknown } | undefined;

  const prepare = () => {
    if (made !== undefined) return;
    problem = undefined;
    try {
      const value = make();
      settleQuietly(value);
      made = resolve(value);
      if (isOfVersion2(value)) ofVersion2.add(model);
    } catch (error) {
      problem = { error };
    }
  };
  const need = (): LanguageModelV4 => {
    if (made === undefined && problem === undefined) prepare();
    if (made !== undefined) return made;
    const error = problem?.error;
    problem = undefined;
    throw error;
  };

  const model: LanguageModelV4 = {
    specificationVersion: 'v4',
    get provider() {
      return made?.provider ?? notMade;
    },
    get modelId() {
      return made?.modelId ?? notMade;
    },
    get supportedUrls() {
      return made?.supportedUrls ?? {};
    },
    doGenerate: async (options: LanguageModelV4CallOptions) => need().doGenerate(options),
    doStream: async (options: LanguageModelV4CallOptions) => need().doStream(options),
  };
  lazyModels.add(model);
  return { prepare, model };
}

function isOfVersion2(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Reflect.get(value, 'specificationVersion') === 'v2';
}
