import { describeAnswer, errorName, settleQuietly } from '../../boundary/callback.ts';
import type { Failure } from '../../failure/failure.ts';
import type { FailureContext, FallbackCondition, Verdict } from './condition.ts';
import { deciding, join, negate } from './kleene.ts';

/** A failure, and who is told what is wrong with a condition that gave no verdict on it. */
export type FailedCase = {
  readonly failure: Failure;
  readonly context: FailureContext;
  /** The call goes on as if the condition had said nothing. */
  readonly tellProblem: (problem: string) => void;
};

/** Asks the conditions about a failure, in their order; the first with a verdict decides. */
export function firstVerdictOnFailure({
  conditions,
  ...failed
}: FailedCase & { readonly conditions: ReadonlyArray<FallbackCondition> }): Verdict {
  for (const condition of conditions) {
    const verdict = verdictOnFailure({ condition, ...failed });
    if (verdict !== undefined) return verdict;
  }
  return undefined;
}

/** What one condition says of a failure; it is the user's, and may throw. */
export function verdictOnFailure({
  condition,
  ...failed
}: FailedCase & { readonly condition: FallbackCondition }): Verdict {
  const { judgement } = condition;
  switch (judgement?.type) {
    case 'not':
      return negate(verdictOnFailure({ condition: judgement.condition, ...failed }));
    case 'all':
    case 'any': {
      const { type, conditions } = judgement;
      const decides = deciding[type];
      let joined: Verdict = !decides;
      for (const part of conditions) {
        joined = join({ type, one: joined, other: verdictOnFailure({ condition: part, ...failed }) });
        if (joined === decides) break;
      }
      return joined;
    }
    default:
      return ask({ condition, ...failed });
  }
}

function ask({
  condition,
  failure,
  context,
  tellProblem,
}: FailedCase & { readonly condition: FallbackCondition }): Verdict {
  let verdict: unknown;
  try {
    verdict = condition(failure, context);
  } catch (error) {
    tellProblem(`A condition of fallbackWhen failed (${errorName(error)}); it decided nothing.`);
    return undefined;
  }
  if (typeof verdict === 'boolean' || verdict === undefined) return verdict;
  settleQuietly(verdict);
  tellProblem(
    `A condition of fallbackWhen answered ${describeAnswer(verdict)}, not true, false or undefined; it decided nothing.`,
  );
  return undefined;
}
