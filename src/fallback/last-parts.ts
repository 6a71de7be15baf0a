import { StreamInterruptedError } from '../failure/errors.ts';
import type { Failure } from '../failure/failure.ts';
import { readReport } from '../report/report.ts';
import type { FinishPart } from './attempt.ts';
import type { Delivery } from './delivery.ts';

/**
 * Ends the consumer's stream with the last parts: the finish with its report and, after a failure, an error with the same
 * cost before it.
 */
export function closeWith({
  delivery: { attempt, out },
  part,
  failure,
}: {
  readonly delivery: Delivery;
  readonly part: FinishPart;
  readonly failure?: Failure;
}): true {
  const last = (finish: FinishPart) => {
    if (failure !== undefined) {
      const error = new StreamInterruptedError({
        candidate: attempt.candidate.name,
        failureKind: failure.kind,
        statusCode: failure.statusCode,
        cause: failure.error,
        cost: readReport(finish.providerMetadata)?.cost,
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
