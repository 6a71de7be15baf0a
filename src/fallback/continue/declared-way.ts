import type { Candidate } from '../../candidate/candidate.ts';
import type { LanguageModelV4CallOptions } from '../../provider/sdk-types.ts';
import type { RecoveryWay } from '../../report/report.ts';

/** The way that a candidate is declared to go: a prefill, or where it takes none, its answer to the request as it was. */
export function wayOf({
  candidate: { capabilities },
  options: { responseFormat },
}: {
  readonly candidate: Pick<Candidate, 'capabilities'>;
  readonly options: Pick<LanguageModelV4CallOptions, 'responseFormat'>;
}): RecoveryWay {
  // Half a JSON text and another half that fits are not known to be one answer.
  return capabilities?.prefill === true && responseFormat?.type !== 'json' ? 'prefill' : 'restart';
}
