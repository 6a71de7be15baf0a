import type {
  LanguageModelV4Prompt,
  LanguageModelV4StreamPart,
  LanguageModelV4StreamResult,
} from '@ai-sdk/provider';
import { optionsFor } from '../candidate/call-options.ts';
import { InvalidAnswerError } from '../failure/errors.ts';
import type { Attempt, FinishPart } from './attempt.ts';
import { type CallDoubt, type CallGate, createCallGate, showsProgress, unreadableCall } from './call-gate.ts';
import { isCommittingPart } from './commit.ts';
import { deliver } from './deliver.ts';
import { judgeEmptyFinish, judgeStreamedFinish } from './finish.ts';
import { armFirstOutput, firstChunkLimit, showsThinking } from './first-output.ts';
import { inspections, inspectOutput, inspectToolCall } from './inspect.ts';
import { createProgress, nextTurn, noiseWithoutEnd, type Progress } from './progress.ts';
import { promptFor } from './prompt-for.ts';
import { createStallWatch, type StallWatch } from './stall-watch.ts';
import type { Send } from './step.ts';
import { isUnreadableEvent, lostContent } from './unreadable-event.ts';

/**
 * Sends a `doStream` request and reads until the stream commits, so that headers, request, warnings and metadata all
 * belong to the candidate that serves. Everything before the first output is held; a failure there is invisible.
 */
export const sendStream: Send<LanguageModelV4StreamResult> = async ({ attempt, isLast }) => {
  const { call, candidate, record, total } = attempt;
  const options = optionsFor({ candidate, options: call.options });
  const limitMs = firstChunkLimit({ candidate, options });
  armFirstOutput({ attempt, limitMs, isLast: isLast() });

  const dropsRaw = record.wantsRawChunks && options.includeRawChunks !== true;
  const ask = (prompt: LanguageModelV4Prompt) =>
    candidate.model.doStream({
      ...options,
      prompt,
      abortSignal: attempt.signal,
      ...(dropsRaw && { includeRawChunks: true }),
    });
  const prompt = promptFor({ attempt, prompt: options.prompt });
  const opening = prompt instanceof Promise ? prompt.then(ask) : ask(prompt);
  const result = await attempt.race(opening).catch((error: unknown) => {
    // A provider that answers after it was given up must not hold its socket.
    void opening.then(late => late.stream.cancel()).then(undefined, ignore);
    throw error;
  });

  attempt.saw({ responseHeaders: result.response?.headers });
  const reader = result.stream.getReader();
  const progress = createProgress();
  const {
    chunkMs,
    unreadMs,
    firstChunkMs: { thinkingMs },
  } = candidate.timeouts;
  const watch = createStallWatch({
    clock: call.clock,
    limits: { ...chunkMs, unreadMs },
    isInsideText: progress.isInsideText,
    onStall: limitMs => attempt.expire({ name: 'chunkMs', limitMs }),
    onUnread: limitMs => attempt.expire({ name: 'unreadMs', limitMs }),
  });
  try {
    const { held, refusal } = await holdUntilCommit({
      attempt,
      reader,
      watch,
      progress,
      dropsRaw,
      onThinking: () => {
        if (limitMs !== thinkingMs) armFirstOutput({ attempt, limitMs: thinkingMs, isLast: isLast() });
      },
    });
    attempt.alarm.arm(total);
    // A refusal ends its attempt whether it is read or not.
    if (refusal === undefined) watch.start();
    const stream = deliver({ attempt, committed: { held, reader, watch, progress, dropsRaw } });
    const answer = { ...result, stream };
    return refusal === undefined ? { answer } : { answer, refusal };
  } catch (error) {
    watch.stop();
    void reader.cancel(error).catch(ignore);
    throw error;
  }
};

/** Parts without content that are held for the consumer; behind so many, those that say nothing are dropped. */
const maxHeldIdle = 1_000;
/** And behind so many, no answer is to be expected. */
const maxHeldNoise = 10_000;

async function holdUntilCommit({
  attempt,
  reader,
  watch,
  progress,
  dropsRaw,
  onThinking,
}: {
  readonly attempt: Attempt;
  readonly reader: ReadableStreamDefaultReader<LanguageModelV4StreamPart>;
  readonly watch: StallWatch;
  readonly progress: Progress;
  readonly dropsRaw: boolean;
  /** The model was seen to think before its first output. */
  readonly onThinking: () => void;
}): Promise<{
  readonly held: ReadonlyArray<LanguageModelV4StreamPart>;
  readonly refusal?: InvalidAnswerError;
}> {
  const { call, record } = attempt;
  const inspect = inspections(call.conditions);
  const held: LanguageModelV4StreamPart[] = [];
  let hasOutput = false;
  let hasProgress = false;
  let gate: CallGate | undefined;
  let heldNoise = 0;
  let text = '';

  const sawFirst = () => {
    attempt.saw({ firstChunkMs: call.clock.now() - attempt.startedAtMs });
    attempt.prove();
    attempt.alarm.arm(attempt.total);
  };

  for (;;) {
    if (hasProgress) watch.expect();
    const { done, value: part } = await attempt.race(reader.read());
    if (done) throw endedEarly({ held, unreadable: progress.unreadable });
    const isProgress = progress.sees(part);
    if (!isProgress && progress.isTurnDue()) await attempt.race(nextTurn());
    watch.arrive(isProgress);
    record.observe(part);
    if (progress.isEndless() || heldNoise >= maxHeldNoise) throw noiseWithoutEnd();
    if (part.type === 'raw' && dropsRaw) continue;
    if (part.type === 'error') {
      if (!isUnreadableEvent(part.error) || lostContent(part.error)) throw failedEarly(part.error);
      progress.unreadable = part.error;
      continue;
    }
    if (!isProgress) {
      if (!hasProgress && showsThinking(part)) onThinking();
      if (heldNoise >= maxHeldIdle && isIdle(part)) continue;
      heldNoise += 1;
    }
    held.push(part);

    if (part.type === 'tool-call' && inspect.toolCalls) {
      const problem = inspectToolCall({ options: call.options, toolCall: part });
      if (problem !== undefined) throw problem;
    }
    if (part.type === 'text-delta') text += inspect.output ? part.delta : '';
    if (part.type.startsWith('tool-')) gate ??= createCallGate();
    if (gate?.doubt() === 'dropped' && showsProgress(part)) throw unreadableCall();

    const waits = gate?.holds(part) ?? false;
    const isOutput = isCommittingPart(part);
    // Arguments on their way are progress, though not yet output that may go out.
    if (isOutput || (part.type === 'tool-input-delta' && part.delta !== '')) {
      if (!hasProgress) sawFirst();
      hasProgress = true;
    }
    if (isOutput && !waits) {
      hasOutput = true;
      if (!inspect.output) return { held };
    }
    if (part.type === 'finish')
      return judgeHeld({
        attempt,
        held,
        finish: part,
        hasOutput,
        text,
        doubt: gate?.doubtAtEnd(),
        unreadable: progress.unreadable,
      });
  }
}

/** A stream that finished before it committed: an empty answer, one held for inspection, a refusal or a failure. */
function judgeHeld({
  attempt,
  held,
  finish,
  hasOutput,
  text,
  doubt,
  unreadable,
}: {
  readonly attempt: Attempt;
  readonly held: ReadonlyArray<LanguageModelV4StreamPart>;
  readonly finish: FinishPart;
  readonly hasOutput: boolean;
  readonly text: string;
  readonly doubt: CallDoubt | undefined;
  readonly unreadable: unknown;
}): { readonly held: ReadonlyArray<LanguageModelV4StreamPart>; readonly refusal?: InvalidAnswerError } {
  const { call, candidate } = attempt;
  const { usage, providerMetadata } = finish;
  attempt.saw({ usage, providerMetadata });
  const hasToolCall = held.some(part => part.type === 'tool-call');
  const sawContent = held.some(isContent);
  const verdict = judgeStreamedFinish({ finish, candidate, unreadable, doubt, sawContent, hasToolCall });
  if (verdict.type === 'broken') throw verdict.error;
  const isAnswer = hasOutput || hasToolCall;
  const problem = isAnswer
    ? hasToolCall || !inspections(call.conditions).output
      ? undefined
      : inspectOutput({ options: call.options, text })
    : judgeEmptyFinish({ finishReason: verdict.finishReason, cause: unreadable });
  if (problem === undefined) return { held };
  if (problem.kind === 'content-filter') return { held, refusal: problem };
  throw problem;
}

function failedEarly(cause: unknown): InvalidAnswerError {
  return new InvalidAnswerError({
    kind: 'unknown',
    message: 'The stream failed before its first output.',
    cause,
  });
}

function endedEarly({
  held,
  unreadable,
}: {
  readonly held: ReadonlyArray<LanguageModelV4StreamPart>;
  readonly unreadable: unknown;
}): InvalidAnswerError {
  return new InvalidAnswerError({
    kind: held.some(isContent) ? 'network' : 'empty',
    message: 'The stream ended before its first output and without a finish.',
    cause: unreadable,
  });
}

/** A part that a consumer would not miss. */
function isIdle(part: LanguageModelV4StreamPart): boolean {
  if (part.type === 'ping' || part.type === 'raw') return true;
  return 'delta' in part && part.delta === '' && part.providerMetadata === undefined;
}

function isContent(part: LanguageModelV4StreamPart): boolean {
  return (
    part.type !== 'stream-start' &&
    part.type !== 'response-metadata' &&
    part.type !== 'ping' &&
    part.type !== 'raw' &&
    part.type !== 'finish'
  );
}

function ignore(): void {}
