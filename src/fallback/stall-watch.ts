import type { Clock } from '../clock.ts';

/** Notices a stream that stopped moving while somebody waits for its next part. */
export type StallWatch = {
  /** A read begins: from here on silence counts. */
  readonly expect: () => void;
  /** A part arrived, or nobody reads any more: the clock stops. */
  readonly arrive: () => void;
  readonly stop: () => void;
};

/** How many times within one limit the watch looks; a stall is noticed after at most a quarter more than the limit. */
const looksPerLimit = 4;

/**
 * Watches without touching the clock per part: a stream of a hundred thousand parts would pay for it. A timer looks now
 * and then whether the same read is still open, and measures from the first look that saw it.
 */
export function createStallWatch({
  clock,
  limitMs,
  onStall,
}: {
  readonly clock: Clock;
  /** Asked at every look, for it depends on what the stream is in the middle of. */
  readonly limitMs: () => number;
  readonly onStall: (limitMs: number) => void;
}): StallWatch {
  let reads = 0;
  let waiting = false;
  let seenRead = 0;
  let seenAtMs = 0;
  let cancel: (() => void) | undefined;

  const look = () => {
    cancel = undefined;
    // Nobody waits: the next read starts the watch again, so an abandoned stream keeps no timer.
    if (!waiting) return;
    const nowMs = clock.now();
    const limit = limitMs();
    if (seenRead !== reads) {
      seenRead = reads;
      seenAtMs = nowMs;
    }
    const restMs = limit - (nowMs - seenAtMs);
    if (restMs <= 0) onStall(limit);
    else schedule({ delayMs: seenAtMs === nowMs ? limit / looksPerLimit : restMs });
  };
  const schedule = ({ delayMs }: { readonly delayMs: number }) => {
    if (delayMs !== Number.POSITIVE_INFINITY) cancel = clock.schedule({ delayMs, callback: look });
  };

  return {
    expect: () => {
      reads += 1;
      waiting = true;
      if (cancel !== undefined) return;
      seenRead = reads;
      seenAtMs = clock.now();
      schedule({ delayMs: limitMs() / looksPerLimit });
    },
    arrive: () => {
      waiting = false;
    },
    stop: () => {
      cancel?.();
      cancel = undefined;
    },
  };
}
