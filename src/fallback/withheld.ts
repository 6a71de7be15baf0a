import type { InvalidAnswerError } from '../failure/errors.ts';
import type { Attempt } from './attempt.ts';
import type { Verdict } from './conditions/condition.ts';

/** From the least bad to the worst. */
export const badness = { whole: 0, cut: 1, empty: 2, refused: 3, unrunnable: 4 } as const;
export type Badness = (typeof badness)[keyof typeof badness];

/** Why a whole answer counts as a failure all the same. */
export type Judged = {
  readonly problem: InvalidAnswerError;
  /** What the conditions said of it; undefined where they have not been asked. */
  readonly ruling: { readonly verdict: Verdict } | undefined;
  readonly badness: Badness;
};

/** A whole answer that counts as a failure: a refusal, or one that failed a judgement. */
export type Withheld<ANSWER> = Judged & { readonly type: 'withheld'; readonly deliver: () => ANSWER };

/** A refusal that no condition has judged yet. */
export function unjudged(problem: InvalidAnswerError): Judged {
  return { problem, ruling: undefined, badness: badness.refused };
}

/** The least bad of the answers that failed their judgement, for a call that gets no other. */
export type Best<ANSWER> = {
  readonly badness: Badness;
  readonly attemptNumber: number;
  /** Takes it for the call's answer, with a warning. */
  readonly deliver: () => ANSWER;
};

/** The better of what was kept and another one; of two that are as bad, the earlier in the order. Only one is ever held. */
export function better<ANSWER>({
  kept,
  attempt: { call, candidate, record },
  withheld: { badness: own, problem, deliver },
}: {
  readonly kept: Best<ANSWER> | undefined;
  readonly attempt: Attempt;
  readonly withheld: Withheld<ANSWER>;
}): Best<ANSWER> | undefined {
  const { settleFor } = call;
  const { attemptNumber } = record;
  const isBetter =
    kept === undefined || own < kept.badness || (own === kept.badness && attemptNumber < kept.attemptNumber);
  if (settleFor === undefined || !isBetter) return kept;
  return {
    badness: own,
    attemptNumber,
    deliver: () => {
      settleFor(attemptNumber);
      const fault =
        problem.code === undefined ? `is a ${problem.kind} failure` : `failed the judgement ${problem.code}`;
      call.warn(`No answer was better than this one of ${candidate.name}, which ${fault}.`);
      return deliver();
    },
  };
}
