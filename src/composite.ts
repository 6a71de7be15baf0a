import { defaultSettingsMiddleware, wrapLanguageModel } from 'ai';
import { refuse } from './boundary/check.ts';
import { takeFeedback } from './call/feedback.ts';
import { createLazyCalls, type LazyCalls } from './call/lazy-calls.ts';
import type { Candidate } from './candidate/candidate.ts';
import type { CallPlan } from './describe/describe-call.ts';
import { describeRoutes } from './describe/describe-routes.ts';
import type { PlanOptions } from './describe/plan-options.ts';
import { callsMiddleware } from './middleware.ts';
import { createProviderFace } from './provider/provider-face.ts';
import type { LanguageModelV4, ProviderV4 } from './provider/sdk-types.ts';
import type { BudgetStanding } from './report/events.ts';
import type { CandidateInput } from './settings/candidate-settings.ts';
import { alone, type CompositeOptions, isList, ofList } from './settings/composite-input.ts';
import type { CompositeSettings } from './settings/composite-settings.ts';
import { type ParsedSettings, parseSettings } from './settings/settings.ts';
import type { CandidateHealth } from './state/health.ts';
import type { Feedback } from './state/observed/rated-calls.ts';

/**
 * Many models as one: a `LanguageModelV4` for the default (or classified) task, a function from task to model, and a
 * `ProviderV4` whose model ids are the tasks.
 */
export interface CompositeModel<TASK extends string = string>
  extends LanguageModelV4,
    Omit<ProviderV4, 'languageModel'> {
  /**
   * The model of a task; at run time a name that is no task gets the default task, with a warning, unless the call names
   * one itself. Anything but a text, such as the context with which a framework calls a function given as `model`, gets the
   * model of the default (or classified) task.
   */
  (task: TASK): LanguageModelV4;
  /**
   * The model of a task; throws `NoSuchModelError` for a name that is no task. As `globalThis.AI_SDK_DEFAULT_PROVIDER` the
   * composite passes other ids, and embedding, image and other models, on to the default provider that was set when it was
   * made, else to the Vercel AI Gateway.
   */
  readonly languageModel: (task: TASK | (string & {})) => LanguageModelV4;
  /** The tasks, in their order. */
  readonly tasks: ReadonlyArray<TASK>;
  /**
   * What a call with these options would do; nobody is asked but the classifier, whose cost the plan tells. Takes a call as
   * `generateText` does (a text, `messages`, `instructions`, `tools`, `output`), or as models do.
   */
  readonly plan: (options: PlanOptions) => Promise<CallPlan>;
  /** The routes as a table for people: tasks, candidates, limits, and what candidates are declared not to do. */
  readonly describe: () => string;
  /** The state of every candidate's circuit breaker, without asking anybody. */
  readonly health: () => ReadonlyArray<CandidateHealth>;
  /**
   * Where the budgets stand: those that all calls share, and every key that this process has seen in the period. What each
   * call has for itself (`per: 'call'`) is over with the call.
   */
  readonly budgets: () => Promise<ReadonlyArray<BudgetStanding>>;
  /**
   * Takes how good an answer was, for the score of who gave it, on a route with `order: { deadlineMs, badAnswerUsd }`. Of one
   * call the last word counts. False where the call is not among the last 10,000 that such routes answered in this process.
   * Throws `InvalidArgumentError` for a score that is not from 0 to 1.
   */
  readonly feedback: (feedback: Feedback) => boolean;
  /**
   * Closes the circuit breaker of one candidate, or of all, and forgets what they had seen; for after a repair. Throws
   * `InvalidArgumentError` for a name that is no candidate.
   */
  readonly reset: (candidate?: string) => void;
}

/**
 * Composes models into one that routes by task, falls back in order and knows what every call cost.
 *
 * Takes settings, or a list of candidates for a single route and the other settings as `options`. Throws
 * `InvalidArgumentError` on settings that cannot work.
 *
 * @example
 * const ai = createComposite({ tasks: { code: [claude, gpt], fast: [gemini, mini] }, defaultTask: 'fast' });
 * await generateText({ model: ai('code'), prompt });
 */
export function createComposite<const TASK extends string = 'default'>(
  input: CompositeSettings<TASK> | ReadonlyArray<CandidateInput>,
  options?: CompositeOptions,
): CompositeModel<TASK> {
  const settings = isList(input)
    ? parseSettings(ofList({ candidates: input, options }))
    : parseSettings(alone({ settings: input, options }));
  const calls = createLazyCalls(settings);
  const { routes, spending } = settings;
  const tasks = [...routes.keys()];
  const provider = createProviderFace({ tasks });
  const { anyTask, languageModel } = createModels({ settings, calls, provider });
  // Types refuse an unknown task; at run time, where a name may come from anywhere, it is routed like an unknown
  // `providerOptions.composite.task`: to the default task, with a warning. Frameworks that take a function for a model call
  // it with a context of theirs, which names no task.
  const modelForAny = (task: unknown): LanguageModelV4 => {
    if (typeof task !== 'string') return anyTask;
    return routes.has(task)
      ? languageModel(task)
      : wrapLanguageModel({
          model: anyTask,
          middleware: defaultSettingsMiddleware({ settings: { providerOptions: { composite: { task } } } }),
        });
  };

  return provider.addTo(
    Object.assign(modelForAny, anyTask, {
      languageModel,
      // The routes were parsed from settings whose keys are the tasks.
      tasks: tasks as TASK[],
      plan: async (options: PlanOptions) => {
        const [{ describeCall }, { composite }] = await Promise.all([
          import('./describe/describe-call.ts'),
          calls.later(),
        ]);
        return describeCall({ composite, options });
      },
      describe: () => describeRoutes({ settings, observed: calls.now()?.composite.state.observed?.now() }),
      health: calls.health,
      budgets: async () => {
        if (spending === undefined) return [];
        const { code, composite } = await calls.later();
        const { standings } = await code.loadSpending(composite);
        return standings(composite);
      },
      feedback: (feedback: Feedback) => takeFeedback({ state: calls.now()?.composite.state, feedback }),
      reset: (name?: string) => {
        const owners = resetting({ settings, name });
        // What was never called has nothing to forget.
        const breakers = calls.now()?.composite.state.breakers;
        for (const owner of owners) breakers?.of(owner).reset();
      },
    }),
  );
}

/** The model of each task, made once, and the one that finds the task of a call. */
function createModels({
  settings,
  calls,
  provider,
}: {
  readonly settings: ParsedSettings;
  readonly calls: LazyCalls;
  readonly provider: ReturnType<typeof createProviderFace>;
}): {
  readonly anyTask: LanguageModelV4;
  readonly languageModel: (task: string) => LanguageModelV4;
} {
  const { routes } = settings;
  const modelFor = (pinnedTask: string | undefined): LanguageModelV4 => {
    const task = pinnedTask ?? settings.defaultTask;
    const first = routes.get(task)?.candidates[0];
    if (first === undefined) return provider.languageModel(task);
    return wrapLanguageModel({
      model: first.model,
      middleware: callsMiddleware({ settings, calls, pinnedTask }),
    });
  };
  const models = new Map<string, LanguageModelV4>();
  return {
    anyTask: modelFor(undefined),
    languageModel: task => {
      const known = models.get(task);
      if (known !== undefined) return known;
      const model = modelFor(task);
      // What is no task is not ours, and may be another one tomorrow.
      if (routes.has(task)) models.set(task, model);
      return model;
    },
  };
}

/** The candidates whose breakers are to be closed: those of this name, or all. */
function resetting({
  settings: { candidates },
  name,
}: {
  readonly settings: ParsedSettings;
  readonly name: string | undefined;
}): ReadonlyArray<Candidate> {
  const owners = new Map(candidates.map(candidate => [candidate.name, candidate]));
  if (name === undefined) return [...owners.values()];
  const owner = owners.get(name);
  if (owner === undefined)
    refuse({
      path: ['reset'],
      value: name,
      problem: `takes the name of a candidate, or nothing for all; candidates are ${[...owners.keys()].join(', ')}`,
    });
  return [owner];
}
