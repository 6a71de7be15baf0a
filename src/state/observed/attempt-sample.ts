import type { Failure } from '../../failure/failure.ts';
import type { LatencySample } from './latency.ts';

/** A kind of request, whose time to first output is its own. */
export type WaitKind = Pick<LatencySample, 'type'> & {
  /** The model is known to think before it answers, or was asked to. */
  readonly isThinking: boolean;
};

/** What there is to learn from an attempt that has ended. */
export type AttemptSample = LatencySample &
  WaitKind & {
    /** It was seen to think before its first output, though nobody had asked it to. */
    readonly hasThought: boolean;
    /** Its input was long. */
    readonly isLong: boolean;
    /** So long it may take in any case, in milliseconds. */
    readonly fixedMs: number;
    readonly failure: Failure | undefined;
    /** What the provider counted; undefined where it told nothing. */
    readonly outputTokens: number | undefined;
  };
