import type { LanguageModelV4 } from '@ai-sdk/provider';
import { wrapLanguageModel } from 'ai';
import { createComposite } from 'ai-composite';
import { createFallback } from 'ai-fallback';
import { createRetryableModel } from 'ai-retry/language-model';

/** A way to make one model of several, tried in order. */
export type Composer = {
  readonly name: string;
  /** What a program imports to have it; undefined for what is no package. */
  readonly entry?: string;
  readonly compose: (models: readonly [LanguageModelV4, ...LanguageModelV4[]]) => LanguageModelV4;
  /** Starts over with the first model, where a composer stays on the one that answered last. */
  readonly startOver?: (model: LanguageModelV4) => void;
};

const price = { inputTokens: 1, outputTokens: 2 };

/** The library as users have it: report, cost, events, breaker, affinity; every model has a price; two observers listen. */
const own: Composer = {
  name: 'ai-composite',
  entry: 'ai-composite',
  compose: models =>
    createComposite({
      tasks: { default: { candidates: models.map(model => ({ model, price })), attempts: 1 } },
    }),
};

const ownUnpriced: Composer = {
  name: 'ai-composite, no prices',
  compose: models =>
    createComposite({
      tasks: { default: { candidates: models, attempts: 1 } },
      pricing: { catalog: false, onWarning: () => {} },
    }),
};

const ownObserved: Composer = {
  name: 'ai-composite, observed',
  compose: models =>
    createComposite({
      tasks: { default: { candidates: models.map(model => ({ model, price })), attempts: 1 } },
      onAttemptStart: () => {},
      onAttemptEnd: () => {},
      onCallEnd: () => {},
    }),
};

const peers: ReadonlyArray<Composer> = [
  {
    name: 'ai-retry',
    entry: 'ai-retry/language-model',
    compose: ([model, ...retries]) => createRetryableModel({ model, retries }) as LanguageModelV4,
  },
  {
    name: 'ai-fallback',
    entry: 'ai-fallback',
    compose: models => createFallback({ models: [...models] }) as unknown as LanguageModelV4,
    startOver: model => Reflect.set(model, 'currentModelIndex', 0),
  },
];

/** The model alone: the baseline. */
export const bare: Composer = { name: 'the model alone', compose: ([model]) => model };

/** The floor of whatever is built as a middleware of the SDK. */
export const emptyMiddleware: Composer = {
  name: 'empty middleware',
  compose: ([model]) => wrapLanguageModel({ model, middleware: { specificationVersion: 'v4' } }),
};

/** A fallback written by hand: the baseline where the first model is down. */
export const tryCatch: Composer = {
  name: 'try/catch',
  compose: ([first, second = first]) => ({
    specificationVersion: 'v4',
    provider: first.provider,
    modelId: first.modelId,
    supportedUrls: first.supportedUrls,
    doGenerate: async options => {
      try {
        return await first.doGenerate(options);
      } catch {
        return second.doGenerate(options);
      }
    },
    doStream: async options => {
      try {
        return await first.doStream(options);
      } catch {
        return second.doStream(options);
      }
    },
  }),
};

export const composers: ReadonlyArray<Composer> = [own, ownObserved, ownUnpriced, ...peers];
/** Where the variants of the library say nothing of their own. */
export const mainComposers: ReadonlyArray<Composer> = [own, ...peers];
