import type { LanguageModelV4StreamPart, LanguageModelV4Usage } from '@ai-sdk/provider';
import { AttemptTimeoutError, InvalidAnswerError, StreamInterruptedError } from '../errors.ts';
import { readReport } from '../report.ts';
import type { Attempt, FinishPart } from './attempt.ts';
import { type CallGate, createCallGate, showsProgress, unreadableCall } from './call-gate.ts';
import { classifyFailure, type Failure } from './failure.ts';
import { judgeStreamedFinish } from './finish.ts';
import type { StallWatch } from './stall-watch.ts';
import { createStamper } from './stamp.ts';
import { isUnreadableEvent, lostContent } from './unreadable-event.ts';

/** A stream that may be delivered: everything read so far, and the reader for the rest. */
export type CommittedStream = {
  readonly held: ReadonlyArray<LanguageModelV4StreamPart>;
  readonly reader: ReadableStreamDefaultReader<LanguageModelV4StreamPart>;
  readonly watch: StallWatch;
  readonly progress: Progress;
  /** Raw chunks were asked for by us, not by the caller. */
  readonly dropsRaw: boolean;
};

/** What a stream is in the middle of; decides how long it may be silent. */
export type Progress = {
  insideText: boolean;
  /** An event without content that could not be read. It is forgotten if the provider goes on to a proper finish. */
  unreadable: unknown;
};

type Controller = ReadableStreamDefaultController<LanguageModelV4StreamPart>;
type Reading = ReadableStreamReadResult<LanguageModelV4StreamPart>;

/** How long a provider may take to close its stream after the finish before its socket is closed for it. */
const closingMs = 1_000;

const noUsage: LanguageModelV4Usage = {
  inputTokens: { total: undefined, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: undefined, text: undefined, reasoning: undefined },
};

/**
 * The committed stream as the consumer gets it: what was held, then the rest, one part per read, nothing read ahead. From
 * here on nobody else is asked: what breaks becomes an `error` part and a finish `error`, never a clean end.
 */
export function deliver({
  attempt,
  committed: { held, reader, watch, progress, dropsRaw },
}: {
  readonly attempt: Attempt;
  readonly committed: CommittedStream;
}): ReadableStream<LanguageModelV4StreamPart> {
  const { call, candidate, record } = attempt;
  const stamp = createStamper(candidate.stamp);
  const opening = withOpening({ attempt, held });
  let gate: CallGate | undefined;
  let next = 0;
  let hasToolCall = false;
  let closed = false;
  let controller: Controller;

  const stop = () => {
    closed = true;
    watch.stop();
  };

  const finish = (part: FinishPart): void | Promise<void> => {
    const { usage, providerMetadata } = part;
    attempt.saw({ usage, providerMetadata });
    const verdict = judgeStreamedFinish({
      finish: part,
      candidate,
      unreadable: progress.unreadable,
      doubt: gate?.doubtAtEnd(),
      sawContent: true,
      hasToolCall,
    });
    if (verdict.type === 'broken') return interrupt(verdict.error);
    openGate();
    stop();
    attempt.end({ outcome: 'success' });
    closeProvider({ attempt, reader });
    return close({ part: { ...part, finishReason: verdict.finishReason } });
  };

  const openGate = () => {
    for (const waiting of gate?.open() ?? []) controller.enqueue(stamp(waiting));
  };

  /** The last parts: the finish with its report and, after a failure, an error with the same cost before it. */
  const close = ({
    part,
    failure,
  }: {
    readonly part: FinishPart;
    readonly failure?: Failure;
  }): void | Promise<void> => {
    const reported = record.reportOn(part);
    const last = (value: FinishPart) => {
      if (failure !== undefined) {
        const error = new StreamInterruptedError({
          candidate: candidate.name,
          failureKind: failure.kind,
          statusCode: failure.statusCode,
          cause: failure.error,
          cost: readReport(value.providerMetadata)?.cost,
        });
        controller.enqueue({ type: 'error', error });
      }
      controller.enqueue(value);
      controller.close();
    };
    // A consumer that cancels while the last cost is looked up has closed the stream already.
    return reported instanceof Promise ? reported.then(last).catch(ignore) : last(reported);
  };

  const interrupt = (cause: unknown): void | Promise<void> => {
    stop();
    const failure = classifyFailure({
      error: cause,
      nowMs: call.clock.now(),
      provider: candidate.model.provider,
    });
    void reader.cancel(cause).catch(ignore);
    attempt.end({ outcome: 'failure', failure });
    return close({
      failure,
      part: {
        type: 'finish',
        finishReason: { unified: 'error', raw: undefined },
        usage: attempt.facts().usage ?? noUsage,
        ...metadataOf(attempt),
      },
    });
  };

  const forward = (part: LanguageModelV4StreamPart): void | Promise<void> => {
    if (gate?.doubt() !== undefined && showsProgress(part)) {
      if (gate.doubt() === 'dropped') return interrupt(unreadableCall());
      openGate();
    }
    switch (part.type) {
      case 'finish':
        return finish(part);
      case 'error':
        // What is lost leaves a hole, so nothing behind it may go out.
        if (!isUnreadableEvent(part.error) || lostContent(part.error)) return interrupt(part.error);
        progress.unreadable = part.error;
        return read();
      case 'raw':
        if (dropsRaw) return read();
        break;
      case 'tool-call':
        hasToolCall = true;
        gate ??= createCallGate();
        if (gate.holds(part)) return read();
        break;
      case 'tool-input-start':
      case 'tool-input-delta':
        gate ??= createCallGate();
        gate.holds(part);
        break;
      case 'tool-result':
      case 'tool-approval-request':
        if (gate?.holds(part)) return read();
    }
    controller.enqueue(stamp(part));
  };

  const onRead = ({ done, value }: Reading): void | Promise<void> => {
    if (closed) return;
    watch.arrive();
    if (done)
      return interrupt(
        progress.unreadable ??
          new InvalidAnswerError({ kind: 'network', message: 'The stream ended without a finish.' }),
      );
    progress.insideText = value.type === 'text-delta' || value.type === 'tool-input-delta';
    record.observe(value);
    return forward(value);
  };
  const onReadError = (error: unknown): void | Promise<void> => (closed ? undefined : interrupt(error));

  const read = (): void | Promise<void> => {
    const part = opening[next];
    if (part !== undefined) {
      next += 1;
      return forward(part);
    }
    watch.expect();
    return reader.read().then(onRead, onReadError);
  };

  const stream = new ReadableStream<LanguageModelV4StreamPart>(
    {
      start: own => {
        controller = own;
      },
      pull: read,
      cancel: reason => {
        if (closed) return;
        stop();
        void reader.cancel(reason).catch(ignore);
        attempt.end({ outcome: 'abort' });
      },
    },
    { highWaterMark: 0 },
  );
  attempt.onCut(error => {
    if (closed) return;
    if (AttemptTimeoutError.isInstance(error)) {
      void interrupt(error);
      return;
    }
    stop();
    void reader.cancel(error).catch(ignore);
    attempt.end({ outcome: 'abort' });
    controller.error(error);
  });

  return stream;
}

/** The held parts with the composite's warnings, and with the serving model's id where the provider sends none. */
function withOpening({
  attempt: { call, candidate },
  held,
}: {
  readonly attempt: Attempt;
  readonly held: ReadonlyArray<LanguageModelV4StreamPart>;
}): ReadonlyArray<LanguageModelV4StreamPart> {
  const { modelId } = candidate.model;
  let hasMetadata = false;
  let hasStart = false;
  const opening = held.map(part => {
    if (part.type === 'stream-start' && call.warnings.length > 0) {
      hasStart = true;
      return { ...part, warnings: [...call.warnings, ...part.warnings] };
    }
    if (part.type !== 'response-metadata') return part;
    hasMetadata = true;
    return part.modelId === undefined ? { ...part, modelId } : part;
  });
  const startsAt = opening[0]?.type === 'stream-start' ? 1 : 0;
  if (!hasMetadata) opening.splice(startsAt, 0, { type: 'response-metadata', modelId });
  if (!hasStart && call.warnings.length > 0)
    opening.unshift({ type: 'stream-start', warnings: [...call.warnings] });
  return opening;
}

/** Lets the provider close its stream, so that its connection can be used again; closes it when it does not. */
function closeProvider({
  attempt: { call },
  reader,
}: {
  readonly attempt: Attempt;
  readonly reader: CommittedStream['reader'];
}): void {
  const cancelTimer = call.clock.schedule({
    delayMs: closingMs,
    callback: () => {
      void reader.cancel().catch(ignore);
    },
  });
  const drain = (): Promise<void> =>
    reader.read().then(({ done }) => (done ? cancelTimer() : drain()), cancelTimer);
  void drain();
}

function metadataOf(attempt: Attempt): Pick<FinishPart, 'providerMetadata'> {
  const { providerMetadata } = attempt.facts();
  return providerMetadata === undefined ? {} : { providerMetadata };
}

function ignore(): void {}
