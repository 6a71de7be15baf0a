import { refuse } from '../../boundary/check.ts';
import type { FallbackCondition, Judgement } from './condition.ts';
import { needsOf } from './held-back.ts';
import { checkCondition, maker } from './maker.ts';
import { verdictOnFailure } from './verdict-on-failure.ts';

/**
 * Falls back where all of these conditions do. They may be about failures and about answers.
 *
 * As in Kleene's logic of three values: `true` where all say `true`, `false` where one says `false`, else `undefined`. A
 * stream is held back as far as one of them needs. Throws `InvalidArgumentError` without conditions.
 *
 * @example
 * const fallbackWhen = all(isEmptyAnswer(), isAnswer(({ candidate }) => candidate === 'small'));
 */
export const all = maker((...conditions: ReadonlyArray<FallbackCondition>): FallbackCondition => {
  checkConditions({ name: 'all', conditions });
  return combined({ type: 'all', conditions, needs: needsOf(conditions) });
});

/**
 * Falls back where one of these conditions does: `true` where one says `true`, `false` where all say `false`, else
 * `undefined`. Unlike in a list of conditions, their order means nothing. Throws `InvalidArgumentError` without conditions.
 *
 * @example
 * const fallbackWhen = any(isRefusal(), isCutByLength());
 */
export const any = maker((...conditions: ReadonlyArray<FallbackCondition>): FallbackCondition => {
  checkConditions({ name: 'any', conditions });
  return combined({ type: 'any', conditions, needs: needsOf(conditions) });
});

/**
 * Says the opposite of a condition: `false` for `true`, `true` for `false`, and nothing where that one says nothing. The
 * ready-made ones say `true` or nothing, so `not(isTimeout())` ends the call on a timeout, and is silent on the rest.
 *
 * @example
 * const fallbackWhen = [not(isAnswer(({ text }) => text.startsWith('OK'))), isCutByLength()];
 */
export const not = maker((condition: FallbackCondition): FallbackCondition => {
  checkCondition({ path: ['not'], condition });
  return combined({ type: 'not', condition, needs: needsOf([condition]) });
});

function combined(judgement: Judgement): FallbackCondition {
  const condition: FallbackCondition = Object.assign(
    (...[failure, context]: Parameters<FallbackCondition>) =>
      verdictOnFailure({ condition, failure, context, tellProblem: ignore }),
    { judgement },
  );
  return condition;
}

function checkConditions({
  name,
  conditions,
}: {
  readonly name: string;
  readonly conditions: ReadonlyArray<FallbackCondition>;
}): void {
  if (conditions.length === 0)
    refuse({
      path: [name],
      value: undefined,
      problem: `takes conditions, one by one: ${name}(one, another)`,
    });
  for (const [index, condition] of conditions.entries())
    checkCondition({ path: [name, String(index)], condition });
}

function ignore(): void {}
