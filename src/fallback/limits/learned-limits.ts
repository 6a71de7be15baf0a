import type { CallType } from '../../candidate/call-options.ts';
import type { Candidate } from '../../candidate/candidate.ts';
import type { LanguageModelV4CallOptions } from '../../provider/sdk-types.ts';
import type { LearnedLimit } from '../../state/observed/waits.ts';

/** The limits of a call that go by what was observed of its candidates. */
export type LearnedLimits = {
  /** How long a stream attempt may take to its first output; undefined where the candidate has a fixed limit. */
  readonly firstChunk: (request: LimitedRequest) => LearnedLimit | undefined;
  /** How long a candidate may stay silent before the next one is asked beside it. */
  readonly hedge: (request: Omit<LimitedRequest, 'hasThought'> & { readonly type: CallType }) => LearnedLimit;
  /** The input of the call is long: reading it takes a while. */
  readonly isLong: () => boolean;
};

type LimitedRequest = {
  readonly candidate: Candidate;
  /** As the candidate gets them. */
  readonly options: LanguageModelV4CallOptions;
  /** The stream has begun to think. */
  readonly hasThought?: boolean;
};
