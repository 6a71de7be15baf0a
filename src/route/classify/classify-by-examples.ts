import * as z from 'zod/v4';
import { check, refuse, strictOptions } from '../../boundary/check.ts';
import { lazily } from '../../boundary/lazily.ts';
import {
  type ClassifyByExamplesSettings,
  type EmbeddingModelLike,
  maxEntriesSchema,
  otherwiseSchema,
} from './classifier-settings.ts';
import { modelClassifier } from './model-classifier-chunk.ts';
import type { Classify } from './task.ts';

const settingsSchema = lazily(() =>
  strictOptions({
    tasks: z
      .record(
        z.string(),
        z
          .array(z.string().min(1, { error: 'must not be empty' }), { error: 'must be a list of texts' })
          .min(1, { error: 'must have an example' }),
        { error: 'must have examples for each task, such as { code: ["fix this function"] }' },
      )
      .refine(tasks => Object.keys(tasks).length > 1, { error: 'must have two tasks to choose from' }),
    minSimilarity: z
      .number({ error: 'must be a number from -1 to 1' })
      .min(-1, { error: 'must be at least -1' })
      .max(1, { error: 'must be at most 1' })
      .optional(),
    otherwise: otherwiseSchema(),
    maxEntries: maxEntriesSchema(),
  } satisfies Record<keyof ClassifyByExamplesSettings, z.ZodType>),
);

/**
 * Makes a classifier that takes the task of the nearest example: it embeds what the user wrote and compares it with examples of
 * each task, which are embedded once, with the first call. It abstains where no example is near. What embedding costs goes into
 * the call's report.
 *
 * A conversation is asked about once, as with `classifyWithModel`: a follow-up such as "and now?" keeps its task.
 *
 * Throws `InvalidArgumentError` on settings that cannot work.
 *
 * @example
 * const classify = classifyByExamples(openai.embeddingModel('text-embedding-3-small'), {
 *   tasks: {
 *     code: ['fix this function', 'write a SQL query', 'why does this test fail?'],
 *     chat: ['tell me a story', 'what should I cook tonight?'],
 *   },
 * });
 */
export function classifyByExamples<const TASK extends string, const OTHERWISE extends string = never>(
  model: EmbeddingModelLike,
  settings: ClassifyByExamplesSettings<TASK, OTHERWISE>,
): Classify<TASK | OTHERWISE> {
  check({ schema: settingsSchema(), value: settings, path: ['classifyByExamples'] });
  if (typeof model !== 'object' || model === null || typeof model.doEmbed !== 'function')
    refuse({
      path: ['classifyByExamples', 'model'],
      value: model,
      problem: "must be an embedding model, such as openai.embeddingModel('text-embedding-3-small')",
    });
  let classify: Classify<TASK | OTHERWISE> | undefined;
  return async request => {
    const code = modelClassifier.now() ?? (await modelClassifier.load());
    classify ??= code.createExamplesClassifier({ model, settings });
    return classify(request);
  };
}
