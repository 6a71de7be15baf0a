import * as z from 'zod/v4';
import { callback } from '../boundary/callback-schema.ts';
import { lazily } from '../boundary/lazily.ts';
import type { Observers } from '../report/events.ts';

/** Observers as they are set one by one. */
export const observerSchemas = {
  onCreate: callback,
  onCallStart: callback,
  onAttemptStart: callback,
  onAttemptEnd: callback,
  onCallEnd: callback,
  onBudgetWarning: callback,
} satisfies Record<keyof Observers, () => z.ZodType>;

/** Observers in one object, or several in a list; whatever else such an object has is its own affair. */
export const observersSchema = lazily(() =>
  z.unknown().superRefine((value, context) => {
    for (const [index, observers] of [value].flat().entries()) {
      const path = Array.isArray(value) ? [index] : [];
      for (const { message, at } of problemsOf(observers))
        context.addIssue({ code: 'custom', message, path: [...path, ...at] });
    }
  }),
);

function problemsOf(
  observers: unknown,
): ReadonlyArray<{ readonly message: string; readonly at: ReadonlyArray<string> }> {
  const names = Object.keys(observerSchemas);
  if (typeof observers !== 'object' || observers === null)
    return [
      { message: `must be observers, or a list of them: objects with any of ${names.join(', ')}`, at: [] },
    ];
  return names
    .filter(name => !['function', 'undefined'].includes(typeof Reflect.get(observers, name)))
    .map(name => ({ message: 'must be a function', at: [name] }));
}

/** All observers, those that are set one by one before the others. */
export function parseObservers({
  onCreate,
  onCallStart,
  onAttemptStart,
  onAttemptEnd,
  onCallEnd,
  onBudgetWarning,
  observers = [],
}: Observers & { readonly observers?: Observers | ReadonlyArray<Observers> }): ReadonlyArray<Observers> {
  const own = { onCreate, onCallStart, onAttemptStart, onAttemptEnd, onCallEnd, onBudgetWarning };
  const isSet = Object.values(own).some(observer => observer !== undefined);
  return isSet ? [own, ...[observers].flat()] : [observers].flat();
}
