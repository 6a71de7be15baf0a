import { refuse } from '../boundary/check.ts';
import { isModel } from '../candidate/model-input.ts';
import type { CandidateInput } from './candidate-settings.ts';
import type { CompositeSettings } from './composite-settings.ts';

/** All settings but the routes, for a composite of one list. */
export type CompositeOptions = Omit<CompositeSettings<'default'>, 'tasks' | 'defaultTask'>;

const beside =
  'takes settings, or a list of candidates with the other settings beside it: createComposite([model], { ... })';

/** The settings of a list of candidates, which is the route of the one task `default`. */
export function ofList({
  candidates,
  options,
}: {
  readonly candidates: ReadonlyArray<CandidateInput>;
  readonly options: CompositeOptions | undefined;
}): CompositeSettings<'default'> {
  if (options !== undefined && (typeof options !== 'object' || options === null || isModel(options)))
    refuse({ path: ['createComposite'], value: options, problem: beside });
  for (const key of ['tasks', 'defaultTask', 'candidates'])
    if (options !== undefined && key in options)
      refuse({
        path: [key],
        value: Reflect.get(options, key),
        problem: 'cannot stand beside a list of candidates; write createComposite({ tasks, ... })',
      });
  return { ...options, tasks: { default: candidates } };
}

/** The settings themselves; nothing may stand beside them, since it would be ignored. */
export function alone<SETTINGS extends object>({
  settings,
  options,
}: {
  readonly settings: SETTINGS;
  readonly options: unknown;
}): SETTINGS {
  if (typeof settings !== 'object' || settings === null || isModel(settings))
    refuse({ path: ['createComposite'], value: settings, problem: beside });
  if (options !== undefined)
    refuse({
      path: ['createComposite'],
      value: options,
      problem: 'takes no second argument where the first one is settings; put all into the first',
    });
  return settings;
}

/** Tells a list of candidates from settings. */
export function isList(input: object): input is ReadonlyArray<CandidateInput> {
  return Array.isArray(input);
}
