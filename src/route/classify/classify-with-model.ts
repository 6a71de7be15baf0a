import * as z from 'zod/v4';
import { check, strictOptions } from '../../boundary/check.ts';
import { lazily } from '../../boundary/lazily.ts';
import { createRegister } from '../../candidate/model.ts';
import {
  isModel,
  isModelMaker,
  type MakeModel,
  type ModelInput,
  refuseModel,
} from '../../candidate/model-input.ts';
import {
  type ClassifyWithModelSettings,
  describedTasksSchema,
  maxEntriesSchema,
} from './classifier-settings.ts';
import { modelClassifier } from './model-classifier-chunk.ts';
import type { Classify } from './task.ts';

const settingsSchema = lazily(() =>
  strictOptions({
    model: z.unknown(),
    tasks: describedTasksSchema(),
    fallback: z
      .custom(value => typeof value === 'function', {
        error: 'must be a classifier, such as classifyByRules',
      })
      .optional(),
    maxEntries: maxEntriesSchema(),
  }),
);

/**
 * Makes a classifier that asks a model, best a small one: one request with a structured answer and no retries, cut short at
 * `classifyTimeoutMs`. Its cost goes into the call's report.
 *
 * A conversation is asked about once: the answer is remembered by the user's first message, as a hash, and its `sessionId`, so
 * that an agent's steps and follow-ups keep their task. A failure is not remembered; `fallback` answers instead.
 *
 * Throws `InvalidArgumentError` on settings that cannot work.
 *
 * @example
 * const classify = classifyWithModel(openai('gpt-6-luna'), {
 *   tasks: { code: 'writing or fixing code', chat: 'everything else' },
 *   fallback: classifyByRules([{ task: 'code', tools: true }]),
 * });
 */
export function classifyWithModel<const TASK extends string, const FALLBACK extends string = never>(
  model: ModelInput | MakeModel,
  settings: ClassifyWithModelSettings<TASK, FALLBACK>,
): Classify<TASK | FALLBACK> {
  check({ schema: settingsSchema(), value: { model, ...settings }, path: [] });
  if (!isModel(model) && !isModelMaker(model)) refuseModel({ path: ['model'], value: model });
  const named = createRegister()({ model, name: undefined, place: 'classifier', path: [] });
  let classify: Classify<TASK | FALLBACK> | undefined;
  return async request => {
    const code = modelClassifier.now() ?? (await modelClassifier.load());
    classify ??= code.createModelClassifier({ named, settings });
    return classify(request);
  };
}
