import { classifyFailure } from '../../failure/failure.ts';
import { endAttempt } from '../open-attempt.ts';
import type { Delivery } from './delivery.ts';
import { stopReading } from './give-up.ts';
import { isUnread, showBreak } from './show-break.ts';

/**
 * This stream broke after its commit: the one place where that is decided. Its attempt ends as a failure, and what
 * becomes of the answer follows from what the route recovers by.
 */
export function interrupt({
  delivery,
  cause,
}: {
  readonly delivery: Delivery;
  readonly cause: unknown;
}): true {
  const { attempt, heir } = delivery;
  const { call, candidate } = attempt;
  const { provider } = candidate.model;
  stopReading({ delivery, reason: cause });
  const failure = classifyFailure({ error: cause, nowMs: call.clock.now(), provider });
  // That nobody reads is not the candidate's fault; whoever comes back must see all the same that the answer is not whole.
  if (isUnread(cause)) {
    endAttempt({ attempt, end: { outcome: 'abort' } });
    return showBreak({ delivery, failure });
  }
  // The call is not over while somebody may go on with its answer.
  const release = heir?.hold();
  endAttempt({ attempt, end: { outcome: 'failure', failure } });
  attempt.tellBreaker(failure);
  if (heir === undefined || release === undefined) return showBreak({ delivery, failure });
  heir.goOn({ broken: { delivery, failure }, release });
  return true;
}
