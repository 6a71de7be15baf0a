import * as z from 'zod/v4';
import { immediateCallback } from '../boundary/callback-schema.ts';
import { strictOptions } from '../boundary/check.ts';
import { lazily } from '../boundary/lazily.ts';

/** The weights are checked one by one, against the names of the candidates. */
const weights = lazily(() =>
  strictOptions({
    weights: z.record(z.string(), z.unknown(), { error: 'must be an object of numbers by candidate name' }),
  }),
);
const score = lazily(() =>
  strictOptions({
    // A number as zod has it is finite.
    deadlineMs: z.custom(value => typeof value === 'number' && value > 0, {
      error: 'must be a number of milliseconds above 0, or Infinity for no deadline',
    }),
    badAnswerUsd: z
      .number({ error: 'must be what a bad answer costs, in USD, such as 0.05' })
      .min(0, { error: 'must not be negative' }),
  }),
);
const others = lazily(() =>
  z.union([z.enum(['listed', 'cheapest', 'fastest', 'least-busy']), immediateCallback()], {
    error:
      "must be 'listed', 'cheapest', 'fastest', 'least-busy', { weights: { name: number } }, { deadlineMs, badAnswerUsd } or a function that lists candidate names at once",
  }),
);

/** An order. An object is told by its keys first: as a union, it could not say what is wrong with one of them. */
export const orderSchema = lazily(() =>
  z.unknown().superRefine((value, context) => {
    const parsed = schemaOf(value).safeParse(value);
    for (const { message, path } of parsed.error?.issues ?? [])
      context.addIssue({ code: 'custom', message, path: [...path] });
  }),
);

function schemaOf(value: unknown): z.ZodType {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return others();
  if ('weights' in value) return weights();
  return 'deadlineMs' in value || 'badAnswerUsd' in value ? score() : others();
}
