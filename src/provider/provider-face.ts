import { customProvider, gateway, NoSuchModelError } from 'ai';
import type { LanguageModelV4, ProviderV4 } from './sdk-types.ts';

/** What the SDK asks its default provider for beside language models; a provider may lack all but the first two. */
const otherKinds = [
  'embeddingModel',
  'imageModel',
  'textEmbeddingModel',
  'transcriptionModel',
  'speechModel',
  'speechTranslationModel',
  'rerankingModel',
  'videoModel',
  'decisionModel',
  'evaluationModel',
  'files',
  'skills',
  'experimental_batch',
] as const;

/** Every provider has these two, so that asking for one says what is wrong. */
const neverMissing: ReadonlySet<string> = new Set(['embeddingModel', 'imageModel']);

type DefaultProvider = typeof globalThis.AI_SDK_DEFAULT_PROVIDER;

/** The default provider that each composite found when it was made; none that is a composite itself. */
const foundBy = new WeakMap<object, DefaultProvider>();

/** What a composite answers as a provider where it is asked for what is no task of its own. */
export type ProviderFace = {
  /** The model of an id that is no task; throws `NoSuchModelError` where nobody is behind the composite. */
  readonly languageModel: (id: string) => LanguageModelV4;
  /** Adds to the composite what only its default provider's place gives it. */
  readonly addTo: <FACE extends object>(
    face: FACE,
  ) => FACE & Pick<ProviderV4, 'embeddingModel' | 'imageModel'>;
};

/**
 * The composite in the place of `globalThis.AI_SDK_DEFAULT_PROVIDER`: the SDK asks that one for every model that is a text,
 * embeddings and images too, so what is no task goes where it went before: to the default provider that was set when the
 * composite was made, else to the Vercel AI Gateway, whose model ids have a slash. Anywhere else, as in a registry, the
 * composite has its tasks and nothing more.
 */
export function createProviderFace({ tasks }: { readonly tasks: ReadonlyArray<string> }): ProviderFace {
  let own: object | undefined;
  const current = globalThis.AI_SDK_DEFAULT_PROVIDER;
  // A module that is loaded again replaces its composite; the provider behind both is the same.
  const before = current !== undefined && foundBy.has(current) ? foundBy.get(current) : current;
  const isDefault = () => own !== undefined && own === globalThis.AI_SDK_DEFAULT_PROVIDER;
  const behind = (): ProviderV4 | undefined => (isDefault() ? providerOf(before) : undefined);

  return {
    languageModel: id => {
      const provider = behind();
      if (provider !== undefined && (before !== undefined || id.includes('/')))
        return provider.languageModel(id);
      throw new NoSuchModelError({
        modelId: id,
        modelType: 'languageModel',
        message: `No such task: "${id}". Tasks are ${tasks.join(', ')}.`,
      });
    },
    addTo: <FACE extends object>(face: FACE) => {
      own = face;
      foundBy.set(face, before);
      for (const kind of otherKinds)
        Object.defineProperty(face, kind, {
          enumerable: true,
          get: () => {
            const provider = behind();
            if (provider === undefined) return neverMissing.has(kind) ? noSuchModel(kind) : undefined;
            const make: unknown = Reflect.get(provider, kind);
            return typeof make === 'function' ? make.bind(provider) : make;
          },
        });
      // The two that are never missing were just added.
      return face as FACE & Pick<ProviderV4, 'embeddingModel' | 'imageModel'>;
    },
  };
}

/** The SDK upgrades a provider of an older version only where it meets it itself. */
function providerOf(before: DefaultProvider): ProviderV4 {
  if (before === undefined) return gateway;
  const isCurrent = 'specificationVersion' in before && before.specificationVersion === 'v4';
  return isCurrent ? before : customProvider({ fallbackProvider: before });
}

function noSuchModel(kind: string): (modelId: string) => never {
  return modelId => {
    throw new NoSuchModelError({
      modelId,
      modelType: kind === 'imageModel' ? 'imageModel' : 'embeddingModel',
      message: 'ai-composite composes language models only.',
    });
  };
}
