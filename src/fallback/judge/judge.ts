import { InvalidAnswerError } from '../../failure/errors.ts';
import { classifyFailure } from '../../failure/failure.ts';
import type { Attempt } from '../attempt.ts';
import type { FallbackCondition, Verdict } from '../conditions/condition.ts';
import type { JudgedAnswer } from '../conditions/judged-answer.ts';
import { deciding, join, negate } from '../conditions/kleene.ts';
import { type FailedCase, verdictOnFailure } from '../conditions/verdict-on-failure.ts';
import { throwIfCut, untilCut } from '../cut.ts';
import { badness, type Judged } from '../withheld.ts';
import { askPredicate } from './ask-predicate.ts';
import { badnessOf, check, kindOf } from './checks.ts';
import { readAnswer, type WholeAnswer } from './read-answer.ts';

/** A whole answer before the conditions of its call. */
type Case = {
  readonly attempt: Attempt;
  readonly whole: WholeAnswer;
  readonly answer: JudgedAnswer;
  /** Where it counts as a failure by itself: a refusal without output. */
  readonly failed: FailedCase | undefined;
};

/** What a condition says of an answer. */
type Ruling = {
  readonly verdict: Verdict;
  /** The judgements that it rests on. */
  readonly by: ReadonlyArray<string>;
  /** What a check found. */
  readonly message?: string;
};

const nothing: Ruling = { verdict: undefined, by: [] };

/**
 * Has the conditions judge a whole answer, in their order; the first with a verdict decides. Returns what makes it count as a
 * failure, undefined where it passes. Rejects where the attempt is cut meanwhile.
 */
export async function judge({
  attempt,
  whole,
  refusal,
}: {
  readonly attempt: Attempt;
  readonly whole: WholeAnswer;
  /** It refuses, and has no output. */
  readonly refusal: InvalidAnswerError | undefined;
}): Promise<Judged | undefined> {
  const { call, candidate, record } = attempt;
  const { task, conditions, clock } = call;
  const answer = readAnswer({ attempt, whole });
  const failed = refusal && {
    failure: classifyFailure({ error: refusal, nowMs: clock.now(), provider: candidate.model.provider }),
    context: { task, candidate: candidate.name, attemptNumber: record.attemptNumber },
    tellProblem: call.warn,
  };
  const ask = async (): Promise<Ruling> => {
    for (const condition of conditions) {
      const ruling = await rule({ condition, attempt, whole, answer, failed });
      if (ruling.verdict !== undefined) return ruling;
    }
    return nothing;
  };
  const ruling = await untilCut({ attempt, promise: ask() });
  const { verdict } = ruling;
  if (verdict !== true && refusal === undefined) return undefined;
  return {
    problem: problemOf({ ruling, refusal, answer }),
    ruling,
    badness: call.settleFor === undefined ? badness.whole : badnessOf({ attempt, whole, answer }),
  };
}

function problemOf({
  ruling: { verdict, by, message },
  refusal,
  answer,
}: {
  readonly ruling: Ruling;
  readonly refusal: InvalidAnswerError | undefined;
  readonly answer: JudgedAnswer;
}): InvalidAnswerError {
  const [name, ...others] = by;
  // What decided was about the failure, or nothing did.
  if (refusal !== undefined && (verdict !== true || name === undefined)) return refusal;
  const code = [name, ...others].join('+');
  return new InvalidAnswerError({
    kind: kindOf({ answer, by }),
    code,
    message: message ?? `The answer failed the judgement ${code}.`,
    cause: refusal,
  });
}

async function rule({
  condition,
  ...matter
}: Case & { readonly condition: FallbackCondition }): Promise<Ruling> {
  throwIfCut(matter.attempt);
  const { judgement } = condition;
  const { attempt, answer, failed } = matter;
  if (judgement === undefined)
    return failed === undefined ? nothing : { verdict: verdictOnFailure({ condition, ...failed }), by: [] };
  switch (judgement.type) {
    case 'check': {
      const message = check({ name: judgement.name, ...matter });
      return message === undefined ? nothing : { verdict: true, by: [judgement.name], message };
    }
    case 'predicate':
      return { verdict: await askPredicate({ attempt, judgement, answer }), by: [judgement.name] };
    case 'not': {
      const { verdict, by } = await rule({ condition: judgement.condition, ...matter });
      return { verdict: negate(verdict), by: by.map(name => `not-${name}`) };
    }
    case 'all':
    case 'any':
      return combine({ type: judgement.type, conditions: judgement.conditions, ...matter });
    default:
      return judgement satisfies never;
  }
}

async function combine({
  type,
  conditions,
  ...matter
}: Case & {
  readonly type: 'all' | 'any';
  readonly conditions: ReadonlyArray<FallbackCondition>;
}): Promise<Ruling> {
  const decides = deciding[type];
  const rulings: Ruling[] = [];
  let verdict: Verdict = !decides;
  for (const condition of conditions) {
    const ruling = await rule({ condition, ...matter });
    // One that decides is all that it rests on.
    if (ruling.verdict === decides) return ruling;
    rulings.push(ruling);
    verdict = join({ type, one: verdict, other: ruling.verdict });
  }
  return { verdict, by: rulings.flatMap(({ by }) => by) };
}
