import type {
  LanguageModelV4CallOptions,
  LanguageModelV4Content,
  LanguageModelV4Prompt,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
  SharedV4ProviderMetadata,
  SharedV4Warning,
} from '@ai-sdk/provider';
import type { Clock } from '../boundary/clock.ts';
import type { CallType } from '../candidate/call-options.ts';
import type { Candidate } from '../candidate/candidate.ts';
import { AttemptTimeoutError, type FailedAttempt, type RouteExhaustedError } from '../failure/errors.ts';
import type { Failure } from '../failure/failure.ts';
import type { TellOutcome } from '../state/circuit-breaker.ts';
import type { SharedState } from '../state/state.ts';
import type { FallbackCondition } from './action.ts';
import { type Alarm, createAlarm, type Limit } from './alarm.ts';
import type { BackoffSettings } from './backoff.ts';
import type { Makers } from './makers.ts';

/** The last part of a stream, with usage and metadata. */
export type FinishPart = Extract<LanguageModelV4StreamPart, { type: 'finish' }>;

/** How an attempt ended, with what the provider said about it. */
export type AttemptEnd = AttemptFacts & {
  readonly outcome: 'success' | 'failure' | 'abort';
  readonly failure?: Failure;
};

/** What became known while an attempt ran, whatever its outcome. */
export type AttemptFacts = {
  /** From the start of the attempt to its first output. */
  readonly firstChunkMs?: number;
  readonly usage?: LanguageModelV4Usage;
  readonly providerMetadata?: SharedV4ProviderMetadata | undefined;
  readonly responseModelId?: string | undefined;
  readonly responseBody?: unknown;
  readonly responseHeaders?: Readonly<Record<string, string>> | undefined;
};

/** Whoever keeps the books of a call: told of every attempt's start, parts and end, each start having exactly one end. */
export type AttemptRecord = {
  readonly attemptNumber: number;
  readonly observe: (part: LanguageModelV4StreamPart | LanguageModelV4Content) => void;
  readonly end: (end: AttemptEnd) => void;
  /** The provider must be asked for raw chunks, because its token counts show there first. */
  readonly wantsRawChunks: boolean;
  /** Puts the call's report on the finish part; called after `end`. */
  readonly reportOn: (finish: FinishPart) => FinishPart | Promise<FinishPart>;
};

/** What the loop needs of a call; made by the middleware, dies with the call. */
export type Call = {
  readonly task: string;
  readonly options: LanguageModelV4CallOptions;
  /** The composite's own, put before the provider's; they may grow until an answer is there. */
  readonly warnings: ReadonlyArray<SharedV4Warning>;
  /** Adds a warning, once. */
  readonly warn: (message: string) => void;
  readonly startedAtMs: number;
  /** `Infinity` where the call has no limit. */
  readonly totalMs: number;
  readonly hedgeAfterMs: number | undefined;
  readonly conditions: ReadonlyArray<FallbackCondition>;
  /** Who made the parts of the conversation. */
  readonly makers: Makers;
  /** Puts files in the place of links that a candidate does not follow; undefined where there are none. */
  readonly downloadLinks:
    | ((request: {
        readonly candidate: Candidate;
        readonly prompt: LanguageModelV4Prompt;
        readonly signal: AbortSignal;
      }) => Promise<LanguageModelV4Prompt> | undefined)
    | undefined;
  readonly backoff: BackoffSettings;
  readonly clock: Clock;
  readonly random: () => number;
  readonly state: Pick<SharedState, 'breakers' | 'retryBudget'>;
  /** The error for a call that nobody answered; it waits for the last cost. */
  readonly exhausted: (end: {
    readonly attempts: ReadonlyArray<FailedAttempt>;
    readonly reason: string | undefined;
  }) => Promise<RouteExhaustedError>;
  readonly record: (attempt: { readonly candidate: Candidate; readonly type: CallType }) => AttemptRecord;
};

/** One request to one candidate, from its start to its one end. */
export type Attempt = {
  readonly call: Call;
  readonly candidate: Candidate;
  readonly record: AttemptRecord;
  readonly startedAtMs: number;
  /** The limit that holds for everything: the call's total, or this candidate's own. */
  readonly total: Limit;
  /** Goes to the provider; aborted when we move on, which closes the socket. */
  readonly signal: AbortSignal;
  readonly alarm: Alarm;
  /** Settles as the promise does, unless the attempt is cut first: a provider that ignores its signal must not hold us up. */
  readonly race: <T>(promise: PromiseLike<T>) => Promise<T>;
  /** From now on a cut goes to this function; it replaces the one before. */
  readonly onCut: (handler: (error: unknown) => void) => void;
  /** Keeps what became known for the end, however the attempt ends. */
  readonly saw: (facts: AttemptFacts) => void;
  readonly facts: () => AttemptFacts;
  /** The first output is there: the candidate is healthy, whatever becomes of the rest. */
  readonly prove: () => void;
  /** Takes a break of what was proven; what fails before its answer is delivered, its step tells. */
  readonly tellBreaker: TellOutcome;
  /** Cuts the attempt because this limit ran out. */
  readonly expire: (limit: Pick<Limit, 'name' | 'limitMs'>) => void;
  /** Ends the attempt; the first end counts, later ones are ignored. Aborts the provider's request unless it succeeded. */
  readonly end: (end: AttemptEnd) => void;
};

/** Opens an attempt: linked to the signal, its books opened. */
export function openAttempt({
  call,
  candidate,
  type,
  total,
  signal,
  tellBreaker,
}: {
  readonly call: Call;
  readonly candidate: Candidate;
  readonly type: CallType;
  readonly total: Limit;
  readonly signal: AbortSignal | undefined;
  readonly tellBreaker: TellOutcome;
}): Attempt {
  candidate.prepare?.();
  const controller = new AbortController();
  const startedAtMs = call.clock.now();
  const record = call.record({ candidate, type });
  let ended = false;
  let isProven = false;
  let facts: AttemptFacts = {};
  let handleCut: (error: unknown) => void = ignore;
  /** A cut can fall between two waits; the next one must see it. */
  let wasCut: { readonly error: unknown } | undefined;

  const cut = (error: unknown) => {
    if (wasCut !== undefined) return;
    wasCut = { error };
    handleCut(error);
    controller.abort(error);
  };
  const onAbort = () => cut(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  const prove = () => {
    if (isProven) return;
    isProven = true;
    tellBreaker('success');
    call.state.retryBudget.onSuccess();
  };
  const alarm = createAlarm({ clock: call.clock, candidate: candidate.name, onExpire: cut });

  return {
    call,
    candidate,
    record,
    startedAtMs,
    total,
    signal: controller.signal,
    alarm,
    race: promise =>
      new Promise((resolve, reject) => {
        promise.then(resolve, reject);
        if (wasCut === undefined) handleCut = reject;
        else reject(wasCut.error);
      }),
    onCut: handler => {
      handleCut = handler;
      if (wasCut !== undefined) handler(wasCut.error);
    },
    saw: more => {
      facts = { ...facts, ...more };
    },
    facts: () => facts,
    prove,
    tellBreaker,
    expire: ({ name, limitMs }) =>
      cut(new AttemptTimeoutError({ candidate: candidate.name, limit: name, limitMs })),
    end: end => {
      if (ended) return;
      ended = true;
      handleCut = ignore;
      alarm.disarm();
      signal?.removeEventListener('abort', onAbort);
      if (end.outcome !== 'success') controller.abort(end.failure?.error ?? signal?.reason);
      if (end.outcome === 'success') prove();
      if (end.failure !== undefined) call.state.retryBudget.onFailure(end.failure.kind);
      record.end({ ...facts, ...end });
    },
  };
}

function ignore(): void {}
