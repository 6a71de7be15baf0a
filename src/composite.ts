import { defaultSettingsMiddleware, NoSuchModelError, wrapLanguageModel } from 'ai';
import { type CallPlan, describeCall } from './describe-call.ts';
import { describeRoutes } from './describe-routes.ts';
import type { CircuitState } from './fallback/circuit-breaker.ts';
import { engineMiddleware } from './middleware.ts';
import type { LanguageModelV4, LanguageModelV4CallOptions, ProviderV4 } from './sdk-types.ts';
import type { CandidateInput } from './settings/candidate-settings.ts';
import { type CompositeSettings, parseSettings } from './settings/settings.ts';

/** The health of one candidate. */
export type CandidateHealth = CircuitState & { readonly candidate: string };

/**
 * Many models as one: a `LanguageModelV4` for the default (or classified) task, a function from task to model, and a
 * `ProviderV4` whose model ids are the tasks.
 */
export type CompositeModel<TASK extends string = string> = LanguageModelV4 &
  Omit<ProviderV4, 'languageModel'> & {
    /** The model of a task; at run time a name that is no task gets the default task, with a warning, unless the call names one itself. */
    (task: TASK): LanguageModelV4;
    /** The model of a task; throws `NoSuchModelError` for a name that is no task. */
    readonly languageModel: (task: TASK | (string & {})) => LanguageModelV4;
    /** The tasks, in their order. */
    readonly tasks: ReadonlyArray<TASK>;
    /** What a call with these options would do; nobody is asked but the classifier, whose cost the plan tells. */
    readonly plan: (options: LanguageModelV4CallOptions) => Promise<CallPlan>;
    /** The routes as a table for people: tasks, candidates, limits, and what candidates are declared not to do. */
    readonly describe: () => string;
    /** The state of every candidate's circuit breaker, without asking anybody. */
    readonly health: () => ReadonlyArray<CandidateHealth>;
  };

/**
 * Composes models into one that routes by task, falls back in order and knows what every call cost.
 *
 * Takes settings, or a list of candidates for a single route. Throws `InvalidArgumentError` on settings that cannot work.
 *
 * @example
 * const ai = createComposite({ tasks: { code: [claude, gpt], fast: [gemini, mini] }, defaultTask: 'fast' });
 * await generateText({ model: ai('code'), prompt });
 */
export function createComposite<const TASK extends string = 'default'>(
  input: CompositeSettings<TASK> | ReadonlyArray<CandidateInput>,
): CompositeModel<TASK> {
  const composite = isCandidates(input) ? parseSettings({ tasks: { default: input } }) : parseSettings(input);
  const modelFor = (pinnedTask: string | undefined): LanguageModelV4 => {
    const route = composite.routes.get(pinnedTask ?? composite.defaultTask);
    const first = route?.candidates[0];
    if (first === undefined) {
      throw new NoSuchModelError({
        modelId: String(pinnedTask),
        modelType: 'languageModel',
        message: `No such task: "${pinnedTask}". Tasks are ${[...composite.routes.keys()].join(', ')}.`,
      });
    }
    return wrapLanguageModel({ model: first.model, middleware: engineMiddleware({ composite, pinnedTask }) });
  };

  const models = new Map<string, LanguageModelV4>();
  const languageModel = (task: string): LanguageModelV4 => {
    const known = models.get(task);
    if (known !== undefined) return known;
    const model = modelFor(task);
    models.set(task, model);
    return model;
  };
  const noSuchModel = (modelType: 'embeddingModel' | 'imageModel') => (modelId: string) => {
    throw new NoSuchModelError({
      modelId,
      modelType,
      message: 'ai-composite composes language models only.',
    });
  };

  const anyTask = modelFor(undefined);
  // Types refuse an unknown task; at run time, where a name may come from anywhere, it is routed like an unknown
  // `providerOptions.composite.task`: to the default task, with a warning.
  const modelForAny = (task: string): LanguageModelV4 =>
    composite.routes.has(task)
      ? languageModel(task)
      : wrapLanguageModel({
          model: anyTask,
          middleware: defaultSettingsMiddleware({ settings: { providerOptions: { composite: { task } } } }),
        });

  return Object.assign(modelForAny, anyTask, {
    languageModel,
    embeddingModel: noSuchModel('embeddingModel'),
    imageModel: noSuchModel('imageModel'),
    // The routes were parsed from settings whose keys are the tasks.
    tasks: [...composite.routes.keys()] as TASK[],
    plan: (options: LanguageModelV4CallOptions) => describeCall({ composite, options }),
    describe: () => describeRoutes(composite),
    health: () => {
      const nowMs = composite.clock.now();
      const byName = new Map(composite.candidates.map(candidate => [candidate.name, candidate]));
      return [...byName.values()].map(({ name, identity }) => ({
        candidate: name,
        ...composite.breakerOf(identity).state(nowMs),
      }));
    },
  });
}

function isCandidates(input: object): input is ReadonlyArray<CandidateInput> {
  return Array.isArray(input);
}
