import { StreamInterruptedError } from '../../failure/errors.ts';
import type { Failure } from '../../failure/failure.ts';
import { readReport } from '../../report/report.ts';
import type { FinishPart } from '../attempt.ts';
import type { Delivery } from './delivery.ts';
import { noteInterruption } from './note-interruption.ts';

/** What an answer broke off with, and what follows for the next call of its conversation. */
export type Broken = {
  readonly failure: Failure;
  /** It is worth asking again. */
  readonly isRetryable: boolean;
  /** The candidate should be asked last then. */
  readonly isToBlame: boolean;
};

/**
 * Ends the consumer's stream with the last parts: the finish with its report and, after a failure, an error with the same
 * cost before it.
 */
export function closeWith({
  delivery: { attempt, out },
  part,
  broken,
}: {
  readonly delivery: Delivery;
  readonly part: FinishPart;
  readonly broken?: Broken;
}): true {
  const last = (finish: FinishPart) => {
    if (broken !== undefined) {
      const { failure, isRetryable, isToBlame } = broken;
      const { name: candidate } = attempt.candidate;
      const report = readReport(finish.providerMetadata);
      if (report !== undefined)
        noteInterruption({ call: attempt.call, candidate, failure, isToBlame, report });
      const error = new StreamInterruptedError({
        candidate,
        failureKind: failure.kind,
        statusCode: failure.statusCode,
        isRetryable,
        cause: failure.error,
        cost: report?.cost,
      });
      out?.enqueue({ type: 'error', error });
    }
    out?.enqueue(finish);
    out?.close();
  };
  const reported = attempt.record.reportOn(part);
  // A consumer that cancels while the last cost is looked up has closed the stream already.
  if (reported instanceof Promise) void reported.then(last).catch(ignore);
  else last(reported);
  return true;
}

function ignore(): void {}
