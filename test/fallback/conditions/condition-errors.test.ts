import { InvalidArgumentError } from '@ai-sdk/provider';
import { all, any, isAnswer, isEmptyAnswer, isTimeout, not } from 'ai-composite';
import { expect, test } from 'vitest';

/** What a maker says of arguments that its types forbid. */
function refusalOf(make: (...parameters: never[]) => unknown, ...parameters: readonly unknown[]): unknown {
  try {
    Reflect.apply(make, undefined, parameters);
  } catch (error) {
    if (!InvalidArgumentError.isInstance(error)) throw error;
    return error.message;
  }
  return undefined;
}

test.each<readonly [name: string, refusal: unknown, says: string]>([
  [
    'isAnswer without a function',
    refusalOf(isAnswer),
    'Invalid isAnswer: takes a function that answers true, false',
  ],
  ['isAnswer of a text', refusalOf(isAnswer, 'x'), '(got "x")'],
  ['isAnswer of a generator', refusalOf(isAnswer, function* () {}), 'takes a function that answers'],
  [
    'isAnswer of a condition',
    refusalOf(isAnswer, isEmptyAnswer()),
    'this is a condition: put it beside isAnswer()',
  ],
  ['isAnswer of a maker', refusalOf(isAnswer, isEmptyAnswer), 'takes a function that answers'],
  [
    'a misspelt option',
    refusalOf(isAnswer, () => true, { timeoutMS: 1 }),
    '"timeoutMS" (did you mean timeoutMs?)',
  ],
  [
    'a time limit of 0',
    refusalOf(isAnswer, () => true, { timeoutMs: 0 }),
    'must be above 0; Infinity is no limit (got 0)',
  ],
  [
    'a time limit beyond timers',
    refusalOf(isAnswer, () => true, { timeoutMs: 3e9 }),
    'must be at most 2,147,483,647',
  ],
  [
    'a time limit that is a text',
    refusalOf(isAnswer, () => true, { timeoutMs: '1' }),
    'Invalid isAnswer.timeoutMs: must be a number of milliseconds above 0, or Infinity for no limit (got "1")',
  ],
  [
    'a name that is no word',
    refusalOf(isAnswer, () => true, { name: 'too short' }),
    'Invalid isAnswer.name: must be a word',
  ],
  ['all of nothing', refusalOf(all), 'Invalid all: takes conditions, one by one: all(one, another)'],
  ['any of nothing', refusalOf(any), 'Invalid any: takes conditions'],
  ['any of a list', refusalOf(any, [isTimeout()]), 'Invalid any.0: must be a condition'],
  [
    'all of a maker',
    refusalOf(all, isTimeout(), isTimeout),
    'Invalid all.1: makes a condition and is none: call it',
  ],
  ['not of nothing', refusalOf(not), 'Invalid not: must be a condition'],
  ['not of an async function', refusalOf(not, async () => true), 'isAnswer() takes one that is async'],
])('%s is refused', (_name, refusal, says) => {
  expect(refusal).toContain(says);
});

test('what can work is taken', () => {
  expect(
    refusalOf(isAnswer, async () => true, { timeoutMs: Number.POSITIVE_INFINITY, name: 'a-b_c.d:1' }),
  ).toBe(undefined);
  expect(
    refusalOf(
      all,
      isTimeout(),
      any(not(isEmptyAnswer()), () => undefined),
    ),
  ).toBe(undefined);
});
