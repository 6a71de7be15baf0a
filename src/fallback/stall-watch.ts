import type { Clock } from '../boundary/clock.ts';

/** Notices a stream that gets nowhere while somebody waits for it, and one that nobody reads any more. */
export type StallWatch = {
  /** From here on a stream that nobody reads counts as such. */
  readonly start: () => void;
  /** A read begins: from here on silence counts. */
  readonly expect: () => void;
  /** The read is over. Only content is progress. */
  readonly arrive: (isContent: boolean) => void;
  readonly stop: () => void;
};

/** How many times within one limit the watch looks; what it waits for is noticed after at most a quarter more than the limit. */
const looksPerLimit = 4;

/**
 * Watches without touching the clock per part: a stream of a hundred thousand parts would pay for it. A timer looks now and
 * then what has happened since it last looked, and counts that time as silent, as unread, or as neither.
 */
export function createStallWatch({
  clock,
  limits: { insideTextMs, elsewhereMs, unreadMs },
  isInsideText,
  onStall,
  onUnread,
}: {
  readonly clock: Clock;
  readonly limits: { readonly insideTextMs: number; readonly elsewhereMs: number; readonly unreadMs: number };
  /** Asked at every look, for the limit depends on it. */
  readonly isInsideText: () => boolean;
  readonly onStall: (limitMs: number) => void;
  readonly onUnread: (limitMs: number) => void;
}): StallWatch {
  const everyMs = Math.min(insideTextMs, elsewhereMs, unreadMs) / looksPerLimit;
  let reads = 0;
  let isWaiting = false;
  let hasMoved = false;
  let seenReads = 0;
  let lookedAtMs = 0;
  let silentMs = 0;
  let unreadForMs = 0;
  let cancel: (() => void) | undefined;

  const look = () => {
    cancel = undefined;
    const nowMs = clock.now();
    // A clock that was set back says nothing of the time that passed.
    const passedMs = Math.max(0, nowMs - lookedAtMs);
    const isRead = isWaiting || reads !== seenReads;
    lookedAtMs = nowMs;
    seenReads = reads;
    if (hasMoved) silentMs = 0;
    else if (isRead) silentMs += passedMs;
    hasMoved = false;
    unreadForMs = isRead ? 0 : unreadForMs + passedMs;
    const limitMs = isInsideText() ? insideTextMs : elsewhereMs;
    if (unreadForMs >= unreadMs) onUnread(unreadMs);
    else if (isRead && silentMs >= limitMs) onStall(limitMs);
    // Without that limit an abandoned stream keeps no timer; the next read starts the watch again.
    else if (isRead || unreadMs !== Number.POSITIVE_INFINITY) lookLater({ isBackground: !isRead });
  };
  /** A stream that nobody reads must not keep a process that is done from ending. */
  const lookLater = ({ isBackground }: { readonly isBackground: boolean }) => {
    cancel = clock.schedule({ delayMs: everyMs, callback: look, isBackground });
  };
  const start = () => {
    if (cancel !== undefined || everyMs === Number.POSITIVE_INFINITY) return;
    lookedAtMs = clock.now();
    seenReads = reads;
    lookLater({ isBackground: false });
  };

  return {
    start,
    expect: () => {
      reads += 1;
      isWaiting = true;
      if (cancel === undefined) start();
    },
    arrive: isContent => {
      isWaiting = false;
      if (isContent) hasMoved = true;
    },
    stop: () => {
      cancel?.();
      cancel = undefined;
    },
  };
}
