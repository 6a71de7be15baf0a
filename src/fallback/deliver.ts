import type { LanguageModelV4StreamPart, LanguageModelV4Usage } from '@ai-sdk/provider';
import { AttemptTimeoutError, InvalidAnswerError, StreamInterruptedError } from '../failure/errors.ts';
import { classifyFailure, type Failure } from '../failure/failure.ts';
import { readReport } from '../report/report.ts';
import type { Attempt, FinishPart } from './attempt.ts';
import { type CallGate, createCallGate, showsProgress, unreadableCall } from './call-gate.ts';
import { closeProvider } from './close-provider.ts';
import { judgeStreamedFinish } from './finish.ts';
import { withOpening } from './opening.ts';
import { nextTurn, noiseWithoutEnd, type Progress } from './progress.ts';
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

type Controller = ReadableStreamDefaultController<LanguageModelV4StreamPart>;
type Reading = ReadableStreamReadResult<LanguageModelV4StreamPart>;

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
    // That nobody reads is not the candidate's fault; whoever comes back must see all the same that the answer is not whole.
    if (isUnread(cause)) attempt.end({ outcome: 'abort' });
    else {
      attempt.end({ outcome: 'failure', failure });
      attempt.tellBreaker(failure);
    }
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

  /** Hands a part out; `false` where it takes the next one for that. */
  const forward = (part: LanguageModelV4StreamPart): unknown => {
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
        return false;
      case 'raw':
        if (dropsRaw) return false;
        break;
      case 'tool-call':
        hasToolCall = true;
        gate ??= createCallGate();
        if (gate.holds(part)) return false;
        break;
      case 'tool-input-start':
      case 'tool-input-delta':
        gate ??= createCallGate();
        gate.holds(part);
        break;
      case 'tool-result':
      case 'tool-approval-request':
        if (gate?.holds(part)) return false;
    }
    controller.enqueue(stamp(part));
  };

  const take = ({ done, value }: Reading): unknown => {
    if (closed) return;
    if (done)
      return interrupt(
        progress.unreadable ??
          new InvalidAnswerError({ kind: 'network', message: 'The stream ended without a finish.' }),
      );
    if (!progress.sees(value))
      return progress.isTurnDue() ? nextTurn().then(() => noise(value)) : noise(value);
    watch.arrive(true);
    record.observe(value);
    return forward(value);
  };
  /** Behind a pause, since the reader goes on to wait meanwhile: that time counts. */
  const noise = (part: LanguageModelV4StreamPart): unknown => {
    if (closed) return;
    watch.arrive(false);
    record.observe(part);
    return progress.isEndless() ? interrupt(noiseWithoutEnd()) : forward(part);
  };
  const onRead = (reading: Reading): undefined | Promise<void> => {
    const out = take(reading);
    return out === undefined ? undefined : readOn(out);
  };
  const onReadError = (error: unknown): void | Promise<void> => (closed ? undefined : interrupt(error));

  /** Reads on until something is out. A loop: promises of one another would pile up in a flood of parts that are dropped. */
  const readOn = async (first: unknown): Promise<void> => {
    try {
      for (let out: unknown = await first; out === false && !closed; out = await take(await reader.read()))
        watch.expect();
    } catch (error) {
      return onReadError(error);
    }
  };

  const read = (): void | Promise<void> => {
    watch.expect();
    for (let part = opening[next]; part !== undefined; part = opening[next]) {
      next += 1;
      watch.arrive(true);
      const out = forward(part);
      if (out !== false) return out === undefined ? undefined : readOn(out);
      watch.expect();
    }
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

/** Also where a candidate that is itself a composite was the first to end it. */
function isUnread(error: unknown): boolean {
  if (StreamInterruptedError.isInstance(error)) return isUnread(error.cause);
  return AttemptTimeoutError.isInstance(error) && error.limit === 'unreadMs';
}

function metadataOf(attempt: Attempt): Pick<FinishPart, 'providerMetadata'> {
  const { providerMetadata } = attempt.facts();
  return providerMetadata === undefined ? {} : { providerMetadata };
}

function ignore(): void {}
