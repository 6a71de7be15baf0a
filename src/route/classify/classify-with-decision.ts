import * as z from 'zod/v4';
import { check, refuse, strictOptions } from '../../boundary/check.ts';
import { lazily } from '../../boundary/lazily.ts';
import {
  type ClassifyWithDecisionSettings,
  type DecisionModelLike,
  describedTasksSchema,
  maxEntriesSchema,
  otherwiseSchema,
} from './classifier-settings.ts';
import { modelClassifier } from './model-classifier-chunk.ts';
import type { Classify } from './task.ts';

const settingsSchema = lazily(() =>
  strictOptions({
    tasks: describedTasksSchema(),
    minProbability: z
      .number({ error: 'must be a number from 0 to 1' })
      .min(0, { error: 'must be at least 0' })
      .max(1, { error: 'must be at most 1' })
      .optional(),
    otherwise: otherwiseSchema(),
    maxEntries: maxEntriesSchema(),
  } satisfies Record<keyof ClassifyWithDecisionSettings, z.ZodType>),
);

/**
 * Makes a classifier that asks a decision model, by the SDK's `experimental_decide`: one choice between the tasks, without
 * retries, cut short at `classifyTimeoutMs`. It abstains where it is not sure. Its cost goes into the call's report.
 *
 * A conversation is asked about once, as with `classifyWithModel`; that it was not sure is remembered too.
 *
 * Throws `InvalidArgumentError` on settings that cannot work.
 *
 * @example
 * const classify = classifyWithDecision(openai.decisionModel('gpt-6-luna'), {
 *   tasks: { code: 'writing or fixing code', chat: 'everything else' },
 *   minProbability: 0.7,
 * });
 */
export function classifyWithDecision<const TASK extends string, const OTHERWISE extends string = never>(
  model: DecisionModelLike,
  settings: ClassifyWithDecisionSettings<TASK, OTHERWISE>,
): Classify<TASK | OTHERWISE> {
  check({ schema: settingsSchema(), value: settings, path: ['classifyWithDecision'] });
  if (typeof model !== 'object' || model === null || typeof model.doDecide !== 'function')
    refuse({
      path: ['classifyWithDecision', 'model'],
      value: model,
      problem:
        "must be a decision model, such as openai.decisionModel('gpt-6-luna'); for a language model use classifyWithModel",
    });
  let classify: Classify<TASK | OTHERWISE> | undefined;
  return async request => {
    const code = modelClassifier.now() ?? (await modelClassifier.load());
    classify ??= code.createDecisionClassifier({ model, settings });
    return classify(request);
  };
}
