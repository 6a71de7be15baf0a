import * as z from 'zod/v4';
import { checkOptions, refuse } from '../../boundary/check.ts';
import { lazily } from '../../boundary/lazily.ts';
import type { CheckName, FallbackCondition, Judgement, Need } from './condition.ts';
import type { AnswerPredicate } from './judged-answer.ts';
import { isMaker, maker } from './maker.ts';

/** How a judgement is called, and how long it may take. */
export type IsAnswerOptions = {
  /** What errors and warnings call it, a word; default: the function's name, else `unwanted-answer`. */
  readonly name?: string;
  /** How long an asynchronous one may take, in milliseconds; then it decides nothing, with a warning. Default: 10,000. */
  readonly timeoutMs?: number;
};

/** A word that can stand in the line of an error. */
const word = /^[\w.:-]{1,64}$/;

const schemas = {
  name: lazily(() =>
    z.string().regex(word, { error: 'must be a word of at most 64 letters, digits, and - _ . :' }),
  ),
  timeoutMs: lazily(() =>
    z.union(
      [
        z
          .number()
          .positive({ error: 'must be above 0; Infinity is no limit' })
          .max(2_147_483_647, { error: 'must be at most 2,147,483,647; Infinity is no limit' }),
        z.literal(Number.POSITIVE_INFINITY),
      ],
      { error: 'must be a number of milliseconds above 0, or Infinity for no limit' },
    ),
  ),
};

/**
 * Falls back when the answer is one that this function says `true` to: "fall back when it is an answer that ...". `false`
 * delivers it, whatever later conditions say; `undefined` says nothing. Says nothing about failures.
 *
 * The function sees the whole answer, so a stream is held back until its finish. It may answer with a promise. One that
 * throws, rejects, takes too long, or answers anything else decides nothing, and a warning says so. An answer that fails is a
 * failed attempt with its cost, opens no circuit breaker, and the same candidate is not asked again. Throws
 * `InvalidArgumentError` on what is no function, and on wrong options.
 *
 * @example
 * const fallbackWhen = isAnswer(({ text }) => text.length < 20, { name: 'too-short' });
 */
export const isAnswer = maker(
  (predicate: AnswerPredicate, options: IsAnswerOptions = {}): FallbackCondition => {
    checkPredicate(predicate);
    checkOptions({ schemas, value: options, path: ['isAnswer'] });
    const { name = word.test(predicate.name) ? predicate.name : 'unwanted-answer', timeoutMs = 10_000 } =
      options;
    return judging({
      type: 'predicate',
      name,
      predicate,
      timeoutMs,
      needs: [{ until: 'finish', by: name }],
    });
  },
);

/** A judgement that is ready-made. */
export function checking({
  name,
  ...need
}: { readonly name: CheckName } & Omit<Need, 'by'>): FallbackCondition {
  return judging({ type: 'check', name, needs: [{ ...need, by: name }] });
}

function judging(judgement: Judgement): FallbackCondition {
  return Object.assign(() => undefined, { judgement });
}

function checkPredicate(predicate: unknown): void {
  const isFunction = typeof predicate === 'function';
  const isCondition = isFunction && 'judgement' in predicate;
  const isGenerator = Object.prototype.toString.call(predicate).endsWith('GeneratorFunction]');
  if (isFunction && !isCondition && !isGenerator && !isMaker(predicate)) return;
  refuse({
    path: ['isAnswer'],
    value: predicate,
    problem: isCondition
      ? 'takes a function of an answer, and this is a condition: put it beside isAnswer(), or into all() or any()'
      : 'takes a function that answers true, false or undefined, such as ({ text }) => text === ""',
  });
}
