import type { LanguageModelV4StreamPart } from '@ai-sdk/provider';
import { InvalidAnswerError } from '../../failure/errors.ts';
import type { FinishPart } from '../attempt.ts';
import { contentOf } from '../collect.ts';
import { type HeldUntil, judgeAnswers } from '../conditions/condition.ts';
import { heldBack } from '../conditions/held-back.ts';
import { arm, listenForCut, throwIfCut } from '../cut.ts';
import { showsThinking } from '../first-output.ts';
import { judge } from '../judge/judge.ts';
import { noLimit } from '../limits/limit.ts';
import { prove } from '../open-attempt.ts';
import { type Judged, unjudged } from '../withheld.ts';
import { type CallGate, createCallGate, showsProgress, unreadableCall } from './call-gate.ts';
import { closeProvider } from './close-provider.ts';
import { ends, isCommittingPart, isOurCall } from './commit.ts';
import type { Delivery } from './delivery.ts';
import { judgeEmptyFinish, judgeStreamedFinish } from './finish.ts';
import { isContent, isEndless, isTurnDue, nextTurn, noiseWithoutEnd } from './progress.ts';
import { expectPart, seeContent, seeNoise, stopWatch } from './stall-watch.ts';
import { isUnreadableEvent, lostContent } from './unreadable-event.ts';

/** What makes an answer that may be delivered count as a failure all the same; undefined where nothing does. */
type Held = Judged | undefined;

/** What is known of a stream that has not committed yet. */
type Holding = {
  readonly delivery: Delivery;
  /** How far it is held back beyond its first output. */
  readonly until: HeldUntil | undefined;
  /** Told when the model is seen to think before its first output; undefined where nothing hangs on it. */
  readonly onThinking: (() => void) | undefined;
  gate: CallGate | undefined;
  hasOutput: boolean;
  hasProgress: boolean;
  /** Parts in a row that are held and no content. */
  noise: number;
  /** A tool of ours is called. */
  sawCall: boolean;
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
  const { recover, conditions, options } = attempt.call;
  const holding: Holding = {
    delivery,
    until: recover === 'buffer' ? 'finish' : heldBack({ conditions, options })?.until,
    onThinking,
    gate: undefined,
    hasOutput: false,
    hasProgress: false,
    noise: 0,
    sawCall: false,
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
    if (end !== undefined) return 'held' in end ? end.held : end;
  }
}

/** Holds a part, or drops it; returns what is held once the stream may go out, or its finish is there. */
function hold({
  holding,
  part,
  isProgress,
}: {
  readonly holding: Holding;
  readonly part: LanguageModelV4StreamPart;
  readonly isProgress: boolean;
}): { readonly held: Held } | Promise<Held> | undefined {
  const { delivery } = holding;
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

  if (holding.until === 'calls' && isOurCall(part)) holding.sawCall = true;
  if (part.type.startsWith('tool-')) holding.gate ??= createCallGate();
  if (holding.gate?.doubt() === 'dropped' && showsProgress(part)) throw unreadableCall();

  const waits = holding.gate?.holds(part) ?? false;
  const isOutput = isCommittingPart(part);
  // Arguments on their way are progress, though not yet output that may go out.
  if (isOutput || (part.type === 'tool-input-delta' && part.delta !== '')) sawProgress(holding);
  if (isOutput && !waits) {
    holding.hasOutput = true;
    if (ends({ until: holding.until, part, sawCall: holding.sawCall })) return nothingWrong;
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

/** A stream that finished before it committed: an empty answer, one held back to be judged, a refusal or a failure. */
function judgeHeld({
  holding: { delivery, gate, hasOutput },
  finish,
}: {
  readonly holding: Holding;
  readonly finish: FinishPart;
}): { readonly held: Held } | Promise<Held> {
  const {
    attempt,
    held,
    progress: { unreadable },
  } = delivery;
  const { call, candidate, facts } = attempt;
  facts.usage = finish.usage;
  facts.providerMetadata = finish.providerMetadata;
  const doubt = gate?.doubtAtEnd();
  const hasToolCall = held.some(part => part.type === 'tool-call');
  const sawContent = held.some(isOfAnAnswer);
  const verdict = judgeStreamedFinish({ finish, candidate, unreadable, doubt, sawContent, hasToolCall });
  if (verdict.type === 'broken') throw verdict.error;
  const { finishReason } = verdict;
  const problem =
    hasOutput || hasToolCall ? undefined : judgeEmptyFinish({ finishReason, cause: unreadable });
  if (problem !== undefined && problem.kind !== 'content-filter') throw problem;
  const judged = { ...finish, finishReason };
  delivery.judged = judged;
  if (judgeAnswers(call.conditions)) {
    takeWhole(delivery);
    return judge({ attempt, whole: { content: contentOf(held), finish: judged }, refusal: problem });
  }
  if (problem !== undefined) return { held: unjudged(problem) };
  takeWhole(delivery);
  return nothingWrong;
}

const nothingWrong = { held: undefined };

/** A whole answer: neither its provider nor a time limit can break it any more, however long its reader takes. */
function takeWhole(delivery: Delivery): void {
  const { attempt, reader, watch } = delivery;
  delivery.isWhole = true;
  arm({ attempt, limit: noLimit });
  stopWatch(watch);
  closeProvider({ clock: attempt.call.clock, reader });
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
