import { isReopening } from '../../provider/reopening.ts';
import type { Attempt } from '../attempt.ts';
import { expire } from '../cut.ts';
import type { Progress } from './progress.ts';

/**
 * Notices a stream that gets nowhere while somebody waits for it, and one that nobody reads any more. It does not touch the
 * clock per part, for a stream of a hundred thousand parts would pay for it: a timer looks now and then what has happened
 * since it last looked, and counts that time as silent, as unread, or as neither.
 */
export type StallWatch = {
  readonly attempt: Attempt;
  readonly progress: Progress;
  /** Reads that have begun. */
  reads: number;
  /** A read is under way: silence counts. */
  isWaiting: boolean;
  /** Content came since the last look. */
  hasMoved: boolean;
  /** What was known at the last look. */
  seenReads: number;
  lookedAtMs: number;
  silentMs: number;
  unreadForMs: number;
  cancelLook: (() => void) | undefined;
};

/** How many times within one limit the watch looks; what it waits for is noticed after at most a quarter more than the limit. */
const looksPerLimit = 4;

/** Makes a watch that is not started. */
export function createStallWatch({
  attempt,
  progress,
}: Pick<StallWatch, 'attempt' | 'progress'>): StallWatch {
  return {
    attempt,
    progress,
    reads: 0,
    isWaiting: false,
    hasMoved: false,
    seenReads: 0,
    lookedAtMs: 0,
    silentMs: 0,
    unreadForMs: 0,
    cancelLook: undefined,
  };
}

/** From here on a stream that nobody reads counts as such. */
export function startWatch(watch: StallWatch): void {
  if (watch.cancelLook !== undefined || lookEveryMs(watch) === Number.POSITIVE_INFINITY) return;
  watch.lookedAtMs = watch.attempt.call.clock.now();
  watch.seenReads = watch.reads;
  lookLater({ watch, isBackground: false });
}

/** A read begins: from here on silence counts. */
export function expectPart(watch: StallWatch): void {
  watch.reads += 1;
  watch.isWaiting = true;
  if (watch.cancelLook === undefined) startWatch(watch);
}

/** A read is over without content, which is no progress. */
export function seeNoise(watch: StallWatch): void {
  watch.isWaiting = false;
}

/** A read is over, and the stream got on. */
export function seeContent(watch: StallWatch): void {
  watch.isWaiting = false;
  watch.hasMoved = true;
}

/** Ends the watch, and its timer. */
export function stopWatch(watch: StallWatch): void {
  watch.cancelLook?.();
  watch.cancelLook = undefined;
}

function look(watch: StallWatch): void {
  watch.cancelLook = undefined;
  const { attempt, progress, isWaiting, reads, seenReads, hasMoved } = watch;
  const { chunkMs, unreadMs } = attempt.candidate.timeouts;
  const nowMs = attempt.call.clock.now();
  // A clock that was set back says nothing of the time that passed.
  const passedMs = Math.max(0, nowMs - watch.lookedAtMs);
  const isRead = isWaiting || reads !== seenReads;
  watch.lookedAtMs = nowMs;
  watch.seenReads = reads;
  // A connection that is being opened anew is silent for its own reason.
  if (hasMoved || isReopening(attempt.controller.signal)) watch.silentMs = 0;
  else if (isRead) watch.silentMs += passedMs;
  watch.hasMoved = false;
  watch.unreadForMs = isRead ? 0 : watch.unreadForMs + passedMs;
  const limitMs = progress.insideText ? chunkMs.insideTextMs : chunkMs.elsewhereMs;
  if (watch.unreadForMs >= unreadMs) expire({ attempt, name: 'unreadMs', limitMs: unreadMs });
  else if (isRead && watch.silentMs >= limitMs) expire({ attempt, name: 'chunkMs', limitMs });
  // Without that limit an abandoned stream keeps no timer; the next read starts the watch again.
  else if (isRead || unreadMs !== Number.POSITIVE_INFINITY) lookLater({ watch, isBackground: !isRead });
}

/** A stream that nobody reads must not keep a process that is done from ending. */
function lookLater({
  watch,
  isBackground,
}: {
  readonly watch: StallWatch;
  readonly isBackground: boolean;
}): void {
  const { clock } = watch.attempt.call;
  watch.cancelLook = clock.schedule({
    delayMs: lookEveryMs(watch),
    callback: () => look(watch),
    isBackground,
  });
}

function lookEveryMs({ attempt }: StallWatch): number {
  const { chunkMs, unreadMs } = attempt.candidate.timeouts;
  return Math.min(chunkMs.insideTextMs, chunkMs.elsewhereMs, unreadMs) / looksPerLimit;
}
