import type { Cost } from '../cost/index.ts';
import type { Usd } from '../cost/total/money.ts';
import type { FailureKind } from '../failure/failure-kind.ts';
import type { LanguageModelV4Usage } from '../provider/sdk-types.ts';
import type { CandidateHealth } from '../state/health.ts';
import type { CompositeMetadata, RecoveryWay } from './report.ts';

/** A composite was made. */
export type CreateEvent = {
  /** In the order of the settings. */
  readonly tasks: ReadonlyArray<string>;
  /** The state of every candidate's circuit breaker at the moment of asking. */
  readonly health: () => ReadonlyArray<CandidateHealth>;
};

/** A call begins: its task is known, and no candidate was asked yet. */
export type CallStartEvent = {
  readonly callId: string;
  readonly task: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly sessionId?: string;
  /** Milliseconds since the epoch. */
  readonly startedAtMs: number;
};

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
  /** How the attempt is to go on with an answer that has broken off; left out for every other attempt. */
  readonly recovery?: RecoveryWay;
  /** Milliseconds since the epoch. */
  readonly startedAtMs: number;
};

/** An attempt ended: it answered, failed, or was aborted. Every start has exactly one. */
export type AttemptEndEvent = AttemptStartEvent & {
  readonly outcome: 'success' | 'failure' | 'abort';
  readonly failureKind?: FailureKind;
  /** The judgement of `fallbackWhen` that its answer failed, such as `empty-answer`; left out for every other failure. */
  readonly judgement?: string;
  readonly statusCode?: number;
  /** What the provider package threw. It may hold the request, so loggers and copies of the event leave it out: read it by its name. */
  readonly error?: unknown;
  /** The model id that the provider answered with, where it told one. */
  readonly responseModelId?: string;
  readonly durationMs: number;
  /** From the start of the attempt to its first output. */
  readonly firstChunkMs?: number;
  readonly usage?: LanguageModelV4Usage;
  readonly cost: Cost;
  /** What a candidate that is itself a composite reported; its cost is this attempt's, not counted twice. */
  readonly nested?: CompositeMetadata;
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

/** Where a budget stands, for one key and in this period. Amounts are exact; absent while the state that keeps them is away. */
export type BudgetStanding = {
  /** The budget's name. */
  readonly budget: string;
  /** Whose it is; empty where all calls share it, or for calls that do not say. */
  readonly key: string;
  readonly limit: Usd;
  readonly spent?: Usd;
  /** Held by requests that are under way: the most that they can cost. */
  readonly held?: Usd;
  /** When it starts anew, in milliseconds since the epoch; absent where it never does. */
  readonly resetsAtMs?: number;
};

/** Observers of one call. */
export type CallObservers = {
  /** Called before an attempt sends its request. */
  readonly onAttemptStart?: ((event: AttemptStartEvent) => void | PromiseLike<void>) | undefined;
  /** Called when an attempt answered, failed, or was aborted; once for every start. */
  readonly onAttemptEnd?: ((event: AttemptEndEvent) => void | PromiseLike<void>) | undefined;
  /** Called when a call ended; for a stream, when its last part was delivered or the consumer stopped it. */
  readonly onCallEnd?: ((event: CallEndEvent) => void | PromiseLike<void>) | undefined;
  /**
   * Sends the request of an attempt by calling `execute`, once and at once, with a context of its own around it, such as that
   * of a span. What it answers or throws changes nothing.
   */
  readonly executeAttempt?: ((attempt: AttemptStartEvent & Execute) => unknown) | undefined;
  /**
   * Tells the call's observers by calling `execute`, likewise. The end of a stream is told where the stream is read, which is
   * not the context that the call came in.
   */
  readonly executeObserver?: ((told: Execute) => unknown) | undefined;
};

type Execute = { readonly execute: () => void };

/** Callbacks that see what happens; they change nothing, and may throw, reject or take their time. */
export type Observers = Pick<CallObservers, 'onAttemptStart' | 'onAttemptEnd' | 'onCallEnd'> & {
  /** Called once, when the composite is made. */
  readonly onCreate?: ((event: CreateEvent) => void | PromiseLike<void>) | undefined;
  /** Told once for each period and key, when what was spent reaches a budget's `warnAt`. */
  readonly onBudgetWarning?: ((standing: BudgetStanding) => void | PromiseLike<void>) | undefined;
  /**
   * Told in the context that the call came in, and paired with one `onCallEnd`. What it returns observes this call too, so
   * that what is kept of a call can live and die with it.
   */
  readonly onCallStart?: ((event: CallStartEvent) => CallObservers | void | PromiseLike<void>) | undefined;
};
