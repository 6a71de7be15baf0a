import * as z from 'zod/v4';
import { answersLater } from './callback.ts';
import { lazily } from './lazily.ts';

/** A function of the user's that may take its time. */
export const callback = lazily(() =>
  z.custom<(...parameters: never[]) => unknown>(isFunction, { error: 'must be a function' }),
);

/** A function of the user's whose answer is needed at once. */
export const immediateCallback = lazily(() =>
  callback().refine(value => !answersLater(value), {
    error: 'must answer at once: an async function or a generator cannot',
  }),
);

function isFunction(value: unknown): boolean {
  return typeof value === 'function';
}
