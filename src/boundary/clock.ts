/** Time as the engine sees it; replace it in tests so that nothing waits for real seconds. */
export type Clock = {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Calls back once after `delayMs`; the returned function cancels it. */
  readonly schedule: (options: {
    readonly delayMs: number;
    readonly callback: () => void;
    /** Nobody waits for it, so it need not keep a process alive. */
    readonly isBackground?: boolean;
  }) => () => void;
};

/** The machine's clock. */
export const systemClock: Clock = {
  now: Date.now,
  schedule: ({ delayMs, callback, isBackground = false }) => {
    const timer = setTimeout(callback, delayMs);
    // Browsers and workers have numbers for timers, and no process to keep.
    if (isBackground && typeof timer === 'object') timer.unref();
    return () => clearTimeout(timer);
  },
};

/**
 * Waits, and stops waiting the moment the signal aborts, by rejecting with the signal's reason.
 * A stop button must not sit out a backoff.
 */
export function delay({
  clock,
  delayMs,
  signal,
}: {
  readonly clock: Clock;
  readonly delayMs: number;
  readonly signal?: AbortSignal | undefined;
}): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = () => {
      cancel();
      reject(signal?.reason);
    };
    const cancel = clock.schedule({
      delayMs,
      callback: () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      },
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
