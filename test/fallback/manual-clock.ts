import type { Clock } from 'ai-composite';

/** A clock that stands still until a test moves it. */
export type ManualClock = Clock & {
  /** Moves on, calling back on the way, in order; lets promises settle before, between and after. */
  readonly advance: (byMs: number) => Promise<void>;
  /** How many callbacks are outstanding: what a call leaves behind. */
  readonly pending: () => number;
  /** Resolves when this many callbacks are outstanding. */
  readonly waitForPending: (count: number) => Promise<void>;
  /** Every delay ever asked for, in order. */
  readonly delays: readonly number[];
};

type Timer = { readonly dueAtMs: number; readonly order: number; readonly callback: () => void };

/**
 * A manual clock that does not make a test wait for some delays, such as a backoff: it moves on by them itself, so that the
 * time they would have taken still shows.
 */
export function createSkippingClock({
  skips,
}: {
  readonly skips: (delayMs: number) => boolean;
}): ManualClock {
  const clock = createManualClock();
  let skippedMs = 0;
  return {
    ...clock,
    now: () => clock.now() + skippedMs,
    schedule: ({ delayMs, callback }) => {
      if (!skips(delayMs)) return clock.schedule({ delayMs, callback });
      skippedMs += delayMs;
      const immediate = setImmediate(callback);
      return () => clearImmediate(immediate);
    },
  };
}

/** Makes a clock that starts at a round moment in 2026. */
export function createManualClock(startsAtMs = Date.UTC(2026, 10, 1)): ManualClock {
  const timers = new Set<Timer>();
  const delays: number[] = [];
  const waiters = new Set<() => void>();
  let nowMs = startsAtMs;
  let order = 0;

  const nextDue = (untilMs: number) =>
    [...timers]
      .filter(({ dueAtMs }) => dueAtMs <= untilMs)
      .sort((one, other) => one.dueAtMs - other.dueAtMs || one.order - other.order)[0];

  return {
    now: () => nowMs,
    schedule: ({ delayMs, callback }) => {
      const timer = { dueAtMs: nowMs + delayMs, order: order++, callback };
      timers.add(timer);
      delays.push(delayMs);
      for (const wake of waiters) wake();
      return () => {
        timers.delete(timer);
      };
    },
    advance: async byMs => {
      const untilMs = nowMs + byMs;
      await settle();
      for (let timer = nextDue(untilMs); timer !== undefined; timer = nextDue(untilMs)) {
        nowMs = Math.max(nowMs, timer.dueAtMs);
        timers.delete(timer);
        timer.callback();
        await settle();
      }
      nowMs = untilMs;
    },
    pending: () => timers.size,
    waitForPending: count =>
      new Promise(resolve => {
        const wake = () => {
          if (timers.size < count) return;
          waiters.delete(wake);
          resolve();
        };
        waiters.add(wake);
        wake();
      }),
    delays,
  };
}

/** Lets everything run that waits for promises only. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise(resolve => setImmediate(resolve));
}
