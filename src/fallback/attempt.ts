import type {
  LanguageModelV4CallOptions,
  LanguageModelV4Content,
  LanguageModelV4Prompt,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
  SharedV4ProviderMetadata,
  SharedV4Warning,
} from '@ai-sdk/provider';
import type { Within } from '../boundary/callback.ts';
import type { Clock } from '../boundary/clock.ts';
import type { CallType } from '../candidate/call-options.ts';
import type { Candidate } from '../candidate/candidate.ts';
import { AttemptTimeoutError, type FailedAttempt, type RouteExhaustedError } from '../failure/errors.ts';
import type { Failure } from '../failure/failure.ts';
import type { TellOutcome } from '../state/circuit-breaker.ts';
import type { FoundInterruption } from '../state/interruptions.ts';
import type { SharedState } from '../state/state.ts';
import type { FallbackCondition } from './action.ts';
import type { BackoffSettings } from './backoff.ts';
import type { Limit } from './limit.ts';
import type { Makers } from './makers.ts';
import type { Recover } from './recover.ts';

/** The last part of a stream, with usage and metadata. */
export type FinishPart = Extract<LanguageModelV4StreamPart, { type: 'finish' }>;

/** How an attempt ended, with what the provider said about it. */
export type AttemptEnd = AttemptFacts & {
  readonly outcome: 'success' | 'failure' | 'abort';
  readonly failure?: Failure;
  /** When, where somebody has looked at the clock. */
  readonly atMs?: number;
};

/** What became known while an attempt ran, whatever its outcome. */
export type AttemptFacts = {
  /** From the start of the attempt to its first output. */
  readonly firstChunkMs?: number | undefined;
  readonly usage?: LanguageModelV4Usage | undefined;
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
  /** What has the request sent with something around it; undefined where nobody wants that. */
  readonly within: Within | undefined;
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
  readonly recover: Recover | undefined;
  readonly conditions: ReadonlyArray<FallbackCondition>;
  /** The call as it came, before its route added to it. */
  readonly asked: {
    readonly options: LanguageModelV4CallOptions;
    readonly sessionId: string | undefined;
  };
  /** Where the answer of this conversation broke off a moment ago. */
  readonly interruption: FoundInterruption | undefined;
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
  readonly state: Pick<SharedState, 'breakers' | 'retryBudget' | 'interruptions'>;
  /** The error for a call that nobody answered; it waits for the last cost. */
  readonly exhausted: (end: {
    readonly attempts: ReadonlyArray<FailedAttempt>;
    readonly reason: string | undefined;
  }) => Promise<RouteExhaustedError>;
  readonly record: (attempt: {
    readonly candidate: Candidate;
    readonly type: CallType;
    readonly startedAtMs: number;
  }) => AttemptRecord;
};

/** One request to one candidate, from its start to its one end: what the functions of this file keep of it. */
export type Attempt = {
  readonly call: Call;
  readonly candidate: Candidate;
  readonly record: AttemptRecord;
  readonly startedAtMs: number;
  /** The limit that holds for everything: the call's total, or this candidate's own. */
  readonly total: Limit;
  /** Its signal goes to the provider; aborted when we move on, which closes the socket. */
  readonly controller: AbortController;
  /** The caller's signal, or that of a hedge, and what listens to it. */
  readonly signal: AbortSignal | undefined;
  onAbort: (() => void) | undefined;
  /** Takes a break of what was proven; what fails before its answer is delivered, its step tells. */
  readonly tellBreaker: TellOutcome;
  /** What became known, for the end, however the attempt ends. */
  readonly facts: { -readonly [NAME in keyof AttemptFacts]: AttemptFacts[NAME] };
  /** Set once the attempt was cut. A cut can fall between two waits; the next one must see it. */
  wasCut: { readonly error: unknown } | undefined;
  /** Whoever waits right now learns of a cut here. */
  onCut: ((error: unknown) => void) | undefined;
  isProven: boolean;
  hasEnded: boolean;
  /** Disarms the limit that is armed. */
  disarm: (() => void) | undefined;
};

/** Opens an attempt: linked to the signal, its books opened. */
export function openAttempt({
  call,
  candidate,
  type,
  startedAtMs,
  total,
  signal,
  tellBreaker,
}: Pick<Attempt, 'call' | 'candidate' | 'startedAtMs' | 'total' | 'signal' | 'tellBreaker'> & {
  readonly type: CallType;
}): Attempt {
  candidate.prepare?.();
  const attempt: Attempt = {
    call,
    candidate,
    startedAtMs,
    record: call.record({ candidate, type, startedAtMs }),
    total,
    controller: new AbortController(),
    signal,
    onAbort: undefined,
    tellBreaker,
    // Written out, or it would be made anew with every fact.
    facts: {
      firstChunkMs: undefined,
      usage: undefined,
      providerMetadata: undefined,
      responseModelId: undefined,
      responseBody: undefined,
      responseHeaders: undefined,
    },
    wasCut: undefined,
    onCut: undefined,
    isProven: false,
    hasEnded: false,
    disarm: undefined,
  };
  if (signal !== undefined) {
    attempt.onAbort = () => cut({ attempt, error: signal.reason });
    signal.addEventListener('abort', attempt.onAbort, { once: true });
  }
  return attempt;
}

/** Ends an attempt; the first end counts, later ones are ignored. Aborts the provider's request unless it succeeded. */
export function endAttempt({ attempt, end }: { readonly attempt: Attempt; readonly end: AttemptEnd }): void {
  if (attempt.hasEnded) return;
  attempt.hasEnded = true;
  const { call, signal, onAbort } = attempt;
  attempt.onCut = undefined;
  disarm(attempt);
  if (onAbort !== undefined) signal?.removeEventListener('abort', onAbort);
  if (end.outcome === 'success') prove(attempt);
  else attempt.controller.abort(end.failure?.error ?? signal?.reason ?? notWanted());
  if (end.failure !== undefined) call.state.retryBudget.onFailure(end.failure.kind);
  attempt.record.end({ ...attempt.facts, ...end });
}

/** The first output is there: the candidate is healthy, whatever becomes of the rest. */
export function prove(attempt: Attempt): void {
  if (attempt.isProven) return;
  attempt.isProven = true;
  attempt.tellBreaker('success');
  attempt.call.state.retryBudget.onSuccess();
}

/** Cuts the attempt off when a limit runs out, in place of the one before; costs a timer only where there is a limit. */
export function arm({
  attempt,
  limit: { name, limitMs, dueAtMs },
  nowMs,
}: {
  readonly attempt: Attempt;
  readonly limit: Limit;
  /** Where somebody has looked at the clock. */
  readonly nowMs?: number;
}): void {
  disarm(attempt);
  if (dueAtMs === Number.POSITIVE_INFINITY) return;
  const { clock } = attempt.call;
  attempt.disarm = clock.schedule({
    delayMs: Math.max(0, dueAtMs - (nowMs ?? clock.now())),
    callback: () => expire({ attempt, name, limitMs }),
  });
}

/** Cuts an attempt because this limit ran out. */
export function expire({
  attempt,
  name,
  limitMs,
}: Pick<Limit, 'name' | 'limitMs'> & { readonly attempt: Attempt }): void {
  const { name: candidate } = attempt.candidate;
  cut({ attempt, error: new AttemptTimeoutError({ candidate, limit: name, limitMs }) });
}

/**
 * Settles as the promise does, unless the attempt is cut first: a provider that ignores its signal must not hold us up.
 * `drop` lets go of what comes all the same, which would hold its socket.
 */
export function untilCut<T>({
  attempt,
  promise,
  drop,
}: {
  readonly attempt: Attempt;
  readonly promise: PromiseLike<T>;
  readonly drop?: (late: T) => unknown;
}): PromiseLike<T> {
  // Without a signal and a limit nothing can cut it.
  if (attempt.signal === undefined && attempt.disarm === undefined) return promise;
  return new Promise((resolve, reject) => {
    promise.then(resolve, reject);
    const onCut = (error: unknown) => {
      reject(error);
      if (drop !== undefined) void promise.then(drop).then(undefined, ignore);
    };
    listenForCut({ attempt, onCut });
  });
}

/** From now on a cut goes to this function; it replaces the one before. */
export function listenForCut({
  attempt,
  onCut,
}: {
  readonly attempt: Attempt;
  readonly onCut: (error: unknown) => void;
}): void {
  attempt.onCut = onCut;
  if (attempt.wasCut !== undefined) onCut(attempt.wasCut.error);
}

/** Throws what the attempt was cut with. */
export function throwIfCut({ wasCut }: Attempt): void {
  if (wasCut !== undefined) throw wasCut.error;
}

function cut({ attempt, error }: { readonly attempt: Attempt; readonly error: unknown }): void {
  if (attempt.wasCut !== undefined) return;
  attempt.wasCut = { error };
  attempt.onCut?.(error);
  attempt.controller.abort(error);
}

/** Made once: a signal without a reason makes one each time, with a stack, which costs more than the rest of an abort. */
let unwanted: DOMException | undefined;

/** What the request of an answer is aborted with that its consumer has cancelled. */
function notWanted(): DOMException {
  unwanted ??= new DOMException('This operation was aborted', 'AbortError');
  return unwanted;
}

function disarm(attempt: Attempt): void {
  attempt.disarm?.();
  attempt.disarm = undefined;
}

function ignore(): void {}
