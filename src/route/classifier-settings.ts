import * as z from 'zod';
import type { ClassifyRequest } from './classify-request.ts';

/** What answers where nobody was sure: a task, or rules such as `classifyByRules`; never a second model, whose cost would be lost. */
export type Otherwise<TASK extends string> =
  | TASK
  | ((request: ClassifyRequest) => TASK | undefined | PromiseLike<TASK | undefined>);

/** What `otherwise` must be. */
export const otherwiseSchema = z
  .union([z.string().min(1), z.custom(value => typeof value === 'function')], {
    error: 'must be the name of a task, or a classifier, such as classifyByRules',
  })
  .optional();

/** What `maxEntries` must be. */
export const maxEntriesSchema = z
  .int({ error: 'must be a whole number of conversations' })
  .min(1, { error: 'must be at least 1' })
  .optional();

/** The rules that `otherwise` means. */
export function rulesOf<TASK extends string>(
  otherwise: Otherwise<TASK> | undefined,
): ((request: ClassifyRequest) => TASK | undefined | PromiseLike<TASK | undefined>) | undefined {
  return typeof otherwise === 'string' ? () => otherwise : otherwise;
}
