import type { Failure } from '../failure/failure.ts';
import type { Attempt } from './attempt.ts';
import type { Verdict } from './conditions/condition.ts';
import { firstVerdictOnFailure } from './conditions/verdict-on-failure.ts';

/** Asks the conditions of a call about the failure of one of its attempts. */
export function askAboutFailure({
  attempt: { call, candidate, record },
  failure,
}: {
  readonly attempt: Attempt;
  readonly failure: Failure;
}): Verdict {
  return firstVerdictOnFailure({
    conditions: call.conditions,
    failure,
    context: { task: call.task, candidate: candidate.name, attemptNumber: record.attemptNumber },
    tellProblem: call.warn,
  });
}
