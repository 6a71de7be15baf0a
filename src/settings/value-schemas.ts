import * as z from 'zod/v4';
import { strictOptions } from '../boundary/check.ts';
import { lazily } from '../boundary/lazily.ts';

/** A longer timer fires at once, so every time that is waited for is bounded. */
export const longestMs = 2_147_483_647;
const milliseconds = lazily(() =>
  z
    .union(
      [
        z.literal(Number.POSITIVE_INFINITY),
        z
          .number()
          .positive({ error: 'must be above 0; Infinity is no limit' })
          .max(longestMs, { error: 'must be at most 2,147,483,647; Infinity is no limit' }),
      ],
      {
        error: 'must be a number of milliseconds above 0, or Infinity for no limit',
      },
    )
    .optional(),
);

/** As a union with the others, it could not say that there is a word for it too. */
const firstChunk = lazily(() =>
  z
    .custom(value => value === 'adaptive' || milliseconds().safeParse(value).success, {
      error: "must be milliseconds above 0, Infinity for no limit, or 'adaptive'",
    })
    .optional(),
);

/** Time limits, or one number for the total. */
export const timeout = lazily(() =>
  z.union(
    [
      milliseconds(),
      strictOptions({
        totalMs: milliseconds(),
        attemptMs: milliseconds(),
        firstChunkMs: firstChunk(),
        chunkMs: milliseconds(),
        unreadMs: milliseconds(),
      }),
    ],
    {
      error:
        'must be milliseconds above 0 (or Infinity), or an object with totalMs, attemptMs, firstChunkMs, chunkMs, unreadMs',
    },
  ),
);

/** True or false. */
export const flag = lazily(() => z.boolean({ error: 'must be true or false' }));

/** How often a candidate is asked in one call. */
export const attempts = lazily(() =>
  z
    .int({ error: 'must be a whole number of attempts, at least 1' })
    .min(1, { error: 'must be at least 1: the first attempt counts' })
    .max(20, { error: 'must be at most 20' }),
);

/** A text with something in it. */
export const nonEmpty = lazily(() =>
  z.string({ error: 'must be a string' }).min(1, { error: 'must not be empty' }),
);

/** A number above 0. */
export const positive = lazily(() =>
  z.number({ error: 'must be a number' }).positive({ error: 'must be above 0' }),
);

/** A number of at least 0. */
export const notNegative = lazily(() =>
  z.number({ error: 'must be a number' }).min(0, { error: 'must not be negative' }),
);

/** A time that is waited for, in milliseconds. */
export const delay = lazily(() => positive().max(longestMs, { error: 'must be at most 2,147,483,647' }));

/** An object of options, or `false` to switch it off; `true` is the default. */
export function switchable<const SHAPE extends z.ZodRawShape>(shape: SHAPE) {
  const known = Object.keys(shape).join(', ');
  return z.union([z.boolean(), strictOptions(shape)], {
    error: `must be an object of options, ${known}, or false to switch it off`,
  });
}
