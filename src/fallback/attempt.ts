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
import type { Ticket } from '../candidate/ticket.ts';
import type { FailedAttempt } from '../failure/failed-attempt.ts';
import type { Failure } from '../failure/failure.ts';
import type { RecoveredPart, RecoveryWay } from '../report/report.ts';
import type { TellOutcome } from '../state/breakers/circuit-breaker.ts';
import type { FoundInterruption } from '../state/conversations/interruptions.ts';
import type { SharedState } from '../state/state.ts';
import type { Admit } from './admission.ts';
import type { BackoffSettings } from './backoff.ts';
import type { FallbackCondition } from './conditions/condition.ts';
import type { Makers } from './history/makers.ts';
import type { LearnedLimits } from './limits/learned-limits.ts';
import type { Limit } from './limits/limit.ts';
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
  /** It was seen to think before its first output, though nobody had asked it to; told where a limit is learned. */
  readonly hasThought?: boolean;
  readonly usage?: LanguageModelV4Usage | undefined;
  readonly providerMetadata?: SharedV4ProviderMetadata | undefined;
  readonly responseModelId?: string | undefined;
  readonly responseBody?: unknown;
  readonly responseHeaders?: Readonly<Record<string, string>> | undefined;
};

/** Whoever keeps the books of a call: told of every attempt's start, parts and end, each start having exactly one end. */
export type AttemptRecord = {
  readonly attemptNumber: number;
  /** What stands for the candidate in the conversation, and for why it goes on there. */
  readonly stamp: string;
  readonly observe: (part: LanguageModelV4StreamPart | LanguageModelV4Content) => void;
  readonly end: (end: AttemptEnd) => void;
  /** Takes the headers of a stream when it opens; undefined where nobody wants them. */
  readonly hear: Ticket['hear'];
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
  readonly hedgeAfterMs: number | 'adaptive' | undefined;
  /** Undefined where no limit is learned. */
  readonly learned: LearnedLimits | undefined;
  readonly recover: Recover | undefined;
  /** What an answer that changes hands needs of its call; undefined where the route has none go on. */
  readonly continuing: Continuing | undefined;
  readonly conditions: ReadonlyArray<FallbackCondition>;
  /**
   * Takes an answer that failed its judgement, by its attempt, for the call's; undefined where the route rather has none.
   */
  readonly settleFor: ((attemptNumber: number) => void) | undefined;
  /** Takes a refusal, by its attempt, for what the call ends with. */
  readonly endWith: (attemptNumber: number) => void;
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
  /** The error for a call that nobody answered, or nobody could be asked for; it waits for the last cost. */
  readonly exhausted: (end: {
    readonly attempts: ReadonlyArray<FailedAttempt>;
    readonly reason: string | undefined;
  }) => Promise<Error>;
  /** Asked before every request; undefined where nothing bounds them. */
  readonly admit: Admit | undefined;
  readonly record: (attempt: {
    readonly candidate: Candidate;
    readonly type: CallType;
    readonly startedAtMs: number;
    readonly ticket: Ticket | undefined;
    readonly continues?: Continues | undefined;
  }) => AttemptRecord;
};

/** How an attempt is to go on with an answer that broke off, and what it is asked for that; undefined for every other attempt. */
export type Continues = { readonly recovery: RecoveryWay; readonly options: LanguageModelV4CallOptions };

/** The call's side of an answer that changes hands. */
export type Continuing = {
  /** Keeps the call open while no attempt is under way; what it returns lets it close, and does nothing a second time. */
  readonly hold: () => () => void;
  /** Takes who made which part of the answer, anew whenever another one has begun. */
  readonly tell: (parts: ReadonlyArray<RecoveredPart>) => void;
  /** Nobody goes on with the answer. */
  readonly fail: () => void;
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
