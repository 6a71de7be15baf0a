import {
  type AnswerPredicate,
  all,
  createComposite,
  type FallbackCondition,
  isAnswer,
  isEmptyAnswer,
  type JudgedAnswer,
  not,
} from 'ai-composite';
import { describe, expectTypeOf, test } from 'vitest';
import { scriptedModel } from '../scripted-model.ts';

const model = scriptedModel({ id: 'one', turns: [] });

describe('conditions', () => {
  test('isAnswer takes a function of an answer, at once or later', () => {
    expectTypeOf(isAnswer(({ text }) => text === '')).toEqualTypeOf<FallbackCondition>();
    expectTypeOf(isAnswer(async ({ usage }) => usage.outputTokens.total === 0)).toExtend<FallbackCondition>();
    expectTypeOf<AnswerPredicate>().parameter(0).toEqualTypeOf<JudgedAnswer>();
    isAnswer((_answer, { abortSignal }) => (abortSignal.aborted ? undefined : false), { timeoutMs: 1_000 });
    // @ts-expect-error: a text is no verdict
    isAnswer(() => 'yes');
    // @ts-expect-error: nor is one that comes later
    isAnswer(async () => 1);
    // @ts-expect-error: an answer has no such field
    isAnswer(({ tekst }) => tekst === '');
    // @ts-expect-error: there is no such option
    isAnswer(() => true, { timeout: 1 });
  });

  test('combinations take conditions, one by one', () => {
    expectTypeOf(all(isEmptyAnswer(), ({ kind }) => kind === 'server')).toEqualTypeOf<FallbackCondition>();
    // @ts-expect-error: a list is none
    all([isEmptyAnswer()]);
    // @ts-expect-error: one that answers later is none
    not(async () => true);
    // @ts-expect-error: what makes a condition is none
    all(isEmptyAnswer);
  });

  test('a route says what becomes of it where nobody passes', () => {
    createComposite({ tasks: { chat: { candidates: [model], onExhausted: 'best' } }, onExhausted: 'throw' });
    createComposite([model], { onExhausted: 'best', fallbackWhen: [isEmptyAnswer()] });
    // @ts-expect-error: there is no such word
    createComposite([model], { onExhausted: 'worst' });
    // @ts-expect-error: a condition on failures answers at once
    createComposite([model], { fallbackWhen: async () => true });
  });
});
