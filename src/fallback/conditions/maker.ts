import { answersLater } from '../../boundary/callback.ts';
import { refuse } from '../../boundary/check.ts';
import type { FallbackCondition } from './condition.ts';

const makers = new WeakSet<object>();

/** Marks what makes conditions and is none itself: given uncalled it would never have a verdict. */
export function maker<MAKE extends (...parameters: never[]) => FallbackCondition>(make: MAKE): MAKE {
  makers.add(make);
  return make;
}

/** True for what makes conditions. */
export function isMaker(value: object): boolean {
  return makers.has(value);
}

/** What is wrong with a condition; undefined where it is one. */
export function problemOfCondition(condition: unknown): string | undefined {
  if (typeof condition !== 'function')
    return 'must be a condition or a list of conditions, such as isContentFilter()';
  if (isMaker(condition)) return 'makes a condition and is none: call it, as in isContentFilter()';
  return answersLater(condition)
    ? 'must answer true, false or undefined at once: an async function or a generator cannot; isAnswer() takes one that is async'
    : undefined;
}

/** Refuses what is no condition. */
export function checkCondition({
  path,
  condition,
}: {
  readonly path: ReadonlyArray<string>;
  readonly condition: unknown;
}): void {
  const problem = problemOfCondition(condition);
  if (problem !== undefined) refuse({ path, value: condition, problem });
}
