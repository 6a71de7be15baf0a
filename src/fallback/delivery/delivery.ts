import type { LanguageModelV4StreamPart } from '@ai-sdk/provider';
import type { Failure } from '../../failure/failure.ts';
import type { Attempt, FinishPart } from '../attempt.ts';
import type { Stamper } from '../history/stamp-parts.ts';
import type { Queue } from '../step.ts';
import type { CallGate } from './call-gate.ts';
import type { Progress } from './progress.ts';
import type { StallWatch } from './stall-watch.ts';

/**
 * Takes a part of a committed stream; false where the consumer gets nothing by it and the next one has to be read.
 */
export type Forward = (step: {
  readonly delivery: Delivery;
  readonly part: LanguageModelV4StreamPart;
}) => boolean;

/** What the consumer's reading and leaving goes to where a stream has changed hands. */
export type Successor = { readonly read: () => void; readonly cancel: (reason: unknown) => void };

/** A stream that broke after its commit, and whose attempt has ended. */
export type Interruption = { readonly delivery: Delivery; readonly failure: Failure };

/** Has somebody else go on with an answer that broke off. */
export type Heir = {
  /** Keeps the call open meanwhile; what it returns lets it close. Undefined where nobody can go on with what went out. */
  readonly hold: () => (() => void) | undefined;
  readonly goOn: (handover: { readonly broken: Interruption; readonly release: () => void }) => void;
};

/** One stream on its way from the provider to the consumer: held until it commits, handed out from then on. */
export type Delivery = {
  readonly attempt: Attempt;
  /** Who is left to be asked. */
  readonly queue: Queue;
  readonly reader: ReadableStreamDefaultReader<LanguageModelV4StreamPart>;
  readonly progress: Progress;
  readonly watch: StallWatch;
  stamper: Stamper;
  /** Raw chunks were asked for by us, not by the caller. */
  readonly dropsRaw: boolean;
  /** What was read before the commit, and how much of it was handed out. */
  held: LanguageModelV4StreamPart[];
  handedOut: number;
  /** Made with the first part of a tool call. */
  gate: CallGate | undefined;
  hasToolCall: boolean;
  /** All of it was held, and found to be a whole answer. */
  isWhole: boolean;
  /** The finish that was held, its reason as it was judged. */
  judged: FinishPart | undefined;
  /** A read of the provider's stream is under way. */
  isReading: boolean;
  /** Nothing more is read: it finished, broke, or was given up. */
  isOver: boolean;
  /** Starts a read, unless one is under way: whoever waits gets what it brings. */
  readonly read: () => void;
  /** Takes an error of the provider's stream, or of what was made of its parts. */
  readonly fail: (error: unknown) => void;
  /** Hands a part out, once the stream has committed. */
  forward: Forward;
  /** Takes the answer where this stream breaks; undefined where nobody goes on with it. */
  heir: Heir | undefined;
  /** Whoever goes on with the answer once this stream broke. */
  successor: Successor | undefined;
  /** The consumer's side; there from the beginning. */
  out: ReadableStreamDefaultController<LanguageModelV4StreamPart> | undefined;
};
