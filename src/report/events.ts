import type { Cost } from '../cost/index.ts';
import type { FailureKind } from '../failure/failure-kind.ts';
import type { LanguageModelV4Usage } from '../provider/sdk-types.ts';
import type { CompositeMetadata } from './report.ts';

/** An attempt is about to send its request. */
export type AttemptStartEvent = {
  readonly callId: string;
  readonly task: string;
  /** 1-based across the call. */
  readonly attemptNumber: number;
  readonly candidate: string;
  readonly provider: string;
  /** The requested model id. */
  readonly modelId: string;
  /** Milliseconds since the epoch. */
  readonly startedAtMs: number;
};

/** An attempt ended: it answered, failed, or was aborted. Every start has exactly one. */
export type AttemptEndEvent = AttemptStartEvent & {
  readonly outcome: 'success' | 'failure' | 'abort';
  readonly failureKind?: FailureKind;
  readonly statusCode?: number;
  /** What the provider package threw. It may hold the request, so loggers and copies of the event leave it out: read it by its name. */
  readonly error?: unknown;
  readonly durationMs: number;
  /** From the start of the attempt to its first output. */
  readonly firstChunkMs?: number;
  readonly usage?: LanguageModelV4Usage;
  readonly cost: Cost;
};

/** A call ended; for a stream, when its last part was delivered or the consumer stopped it. It knows what the report knows. */
export type CallEndEvent = Omit<CompositeMetadata, 'candidate'> & {
  readonly tags: Readonly<Record<string, string>>;
  readonly sessionId?: string;
  readonly outcome: 'success' | 'failure' | 'abort';
  /** The candidate whose answer was delivered. */
  readonly candidate?: string;
  readonly startedAtMs: number;
  readonly durationMs: number;
};

/** Callbacks that see what happens; they change nothing, and may throw, reject or take their time. */
export type Observers = {
  /** Called before an attempt sends its request. */
  readonly onAttemptStart?: ((event: AttemptStartEvent) => void | PromiseLike<void>) | undefined;
  /** Called when an attempt answered, failed, or was aborted; once for every start. */
  readonly onAttemptEnd?: ((event: AttemptEndEvent) => void | PromiseLike<void>) | undefined;
  /** Called when a call ended; for a stream, when its last part was delivered or the consumer stopped it. */
  readonly onCallEnd?: ((event: CallEndEvent) => void | PromiseLike<void>) | undefined;
};
