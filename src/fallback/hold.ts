import type { LanguageModelV4StreamPart } from '@ai-sdk/provider';
import { InvalidAnswerError } from '../failure/errors.ts';
import type { FinishPart } from './attempt.ts';
import { type CallGate, createCallGate, showsProgress, unreadableCall } from './call-gate.ts';
import { closeProvider } from './close-provider.ts';
import { isCommittingPart } from './commit.ts';
import { arm, listenForCut, throwIfCut } from './cut.ts';
import type { Delivery } from './delivery.ts';
import { judgeEmptyFinish, judgeStreamedFinish } from './finish.ts';
import { showsThinking } from './first-output.ts';
import { inspections, inspectOutput, inspectToolCall } from './inspect.ts';
import { noLimit } from './limit.ts';
import { prove } from './open-attempt.ts';
import { isContent, isEndless, isTurnDue, nextTurn, noiseWithoutEnd } from './progress.ts';
import { expectPart, seeContent, seeNoise } from './stall-watch.ts';
import { isUnreadableEvent, lostContent } from './unreadable-event.ts';

/** What may be delivered. A refusal is a whole answer that counts as a failure all the same. */
type Held = { readonly refusal?: InvalidAnswerError };

/** What is known of a stream that has not committed yet. */
type Holding = {
  readonly delivery: Delivery;
  readonly inspect: ReturnType<typeof inspections>;
  /** Nothing goes out before the finish. */
  readonly holdsAll: boolean;
  /** Told when the model is seen to think before its first output; undefined where nothing hangs on it. */
  readonly onThinking: (() => void) | undefined;
  gate: CallGate | undefined;
  hasOutput: boolean;
  hasProgress: boolean;
  /** Parts in a row that are held and no content. */
  noise: number;
  /** Kept where it has to be inspected. */
  text: string;
};

/** Parts without content that are held for the consumer; behind so many, those that say nothing are dropped. */
const maxHeldIdle = 1_000;
/** And behind so many, no answer is to be expected. */
const maxHeldNoise = 10_000;

/** Reads until the stream commits, and holds what it has read; throws what kept it from that. */
export async function holdUntilCommit({
  delivery,
  onThinking,
}: Pick<Holding, 'delivery' | 'onThinking'>): Promise<Held> {
  const { attempt, reader, progress, watch } = delivery;
  const inspect = inspections(attempt.call.conditions);
  const holding: Holding = {
    delivery,
    inspect,
    holdsAll: inspect.output || attempt.call.recover === 'buffer',
    onThinking,
    gate: undefined,
    hasOutput: false,
    hasProgress: false,
    noise: 0,
    text: '',
  };
  // A read that is under way ends when its stream is cancelled, whatever the provider does.
  listenForCut({ attempt, onCut: error => void reader.cancel(error).catch(ignore) });

  for (;;) {
    if (holding.hasProgress) expectPart(watch);
    const { done, value: part } = await reader.read();
    throwIfCut(attempt);
    if (done) throw endedEarly(delivery);
    const isProgress = isContent({ progress, part });
    if (!isProgress && isTurnDue(progress)) {
      await nextTurn();
      throwIfCut(attempt);
    }
    if (isProgress) seeContent(watch);
    else seeNoise(watch);
    attempt.record.observe(part);
    if (isEndless(progress) || holding.noise >= maxHeldNoise) throw noiseWithoutEnd();
    const end = hold({ holding, part, isProgress });
    if (end !== undefined) return end;
  }
}

/** Holds a part, or drops it; returns what may be delivered once the stream commits with it. */
function hold({
  holding,
  part,
  isProgress,
}: {
  readonly holding: Holding;
  readonly part: LanguageModelV4StreamPart;
  readonly isProgress: boolean;
}): Held | undefined {
  const { delivery, inspect } = holding;
  if (part.type === 'raw' && delivery.dropsRaw) return undefined;
  if (part.type === 'error') {
    if (!isUnreadableEvent(part.error) || lostContent(part.error)) throw failedEarly(part.error);
    delivery.progress.unreadable = part.error;
    return undefined;
  }
  if (isProgress) holding.noise = 0;
  else {
    if (!holding.hasProgress && showsThinking(part)) holding.onThinking?.();
    if (holding.noise >= maxHeldIdle && isIdle(part)) return undefined;
    holding.noise += 1;
  }
  delivery.held.push(part);

  if (part.type === 'tool-call' && inspect.toolCalls) {
    const problem = inspectToolCall({ options: delivery.attempt.call.options, toolCall: part });
    if (problem !== undefined) throw problem;
  }
  if (part.type === 'text-delta' && inspect.output) holding.text += part.delta;
  if (part.type.startsWith('tool-')) holding.gate ??= createCallGate();
  if (holding.gate?.doubt() === 'dropped' && showsProgress(part)) throw unreadableCall();

  const waits = holding.gate?.holds(part) ?? false;
  const isOutput = isCommittingPart(part);
  // Arguments on their way are progress, though not yet output that may go out.
  if (isOutput || (part.type === 'tool-input-delta' && part.delta !== '')) sawProgress(holding);
  if (isOutput && !waits) {
    holding.hasOutput = true;
    if (!holding.holdsAll) return {};
  }
  return part.type === 'finish' ? judgeHeld({ holding, finish: part }) : undefined;
}

function sawProgress(holding: Holding): void {
  if (holding.hasProgress) return;
  holding.hasProgress = true;
  const { attempt } = holding.delivery;
  attempt.facts.firstChunkMs = attempt.call.clock.now() - attempt.startedAtMs;
  prove(attempt);
  arm({ attempt, limit: attempt.total });
}

/** A stream that finished before it committed: an empty answer, one held for inspection, a refusal or a failure. */
function judgeHeld({ holding, finish }: { readonly holding: Holding; readonly finish: FinishPart }): Held {
  const {
    delivery: {
      attempt,
      held,
      progress: { unreadable },
    },
    inspect,
    hasOutput,
    text,
  } = holding;
  const { call, candidate, facts } = attempt;
  facts.usage = finish.usage;
  facts.providerMetadata = finish.providerMetadata;
  const doubt = holding.gate?.doubtAtEnd();
  const hasToolCall = held.some(part => part.type === 'tool-call');
  const sawContent = held.some(isOfAnAnswer);
  const verdict = judgeStreamedFinish({ finish, candidate, unreadable, doubt, sawContent, hasToolCall });
  if (verdict.type === 'broken') throw verdict.error;
  const isAnswer = hasOutput || hasToolCall;
  const problem = isAnswer
    ? hasToolCall || !inspect.output
      ? undefined
      : inspectOutput({ options: call.options, text })
    : judgeEmptyFinish({ finishReason: verdict.finishReason, cause: unreadable });
  holding.delivery.judged = { ...finish, finishReason: verdict.finishReason };
  if (problem === undefined) return takeWhole(holding.delivery);
  if (problem.kind === 'content-filter') return { refusal: problem };
  throw problem;
}

/** A whole answer: neither its provider nor a time limit can break it any more, however long its reader takes. */
function takeWhole(delivery: Delivery): Held {
  const { attempt, reader } = delivery;
  delivery.isWhole = true;
  arm({ attempt, limit: noLimit });
  closeProvider({ clock: attempt.call.clock, reader });
  return {};
}

function failedEarly(cause: unknown): InvalidAnswerError {
  return new InvalidAnswerError({
    kind: 'unknown',
    message: 'The stream failed before its first output.',
    cause,
  });
}

function endedEarly({ held, progress }: Delivery): InvalidAnswerError {
  return new InvalidAnswerError({
    kind: held.some(isOfAnAnswer) ? 'network' : 'empty',
    message: 'The stream ended before its first output and without a finish.',
    cause: progress.unreadable,
  });
}

/** A part that a consumer would not miss. */
function isIdle(part: LanguageModelV4StreamPart): boolean {
  if (part.type === 'ping' || part.type === 'raw') return true;
  return 'delta' in part && part.delta === '' && part.providerMetadata === undefined;
}

function isOfAnAnswer(part: LanguageModelV4StreamPart): boolean {
  return (
    part.type !== 'stream-start' &&
    part.type !== 'response-metadata' &&
    part.type !== 'ping' &&
    part.type !== 'raw' &&
    part.type !== 'finish'
  );
}

function ignore(): void {}
