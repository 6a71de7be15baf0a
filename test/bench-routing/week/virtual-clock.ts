import type { Clock } from 'ai-composite';

/** A clock that jumps from one event to the next: a week takes seconds. */
export type VirtualClock = Clock & {
  /** Goes on until nothing is scheduled any more. */
  readonly run: () => Promise<void>;
  /** Resolves after a while, or rejects with the signal's reason. */
  readonly wait: (options: {
    readonly ms: number;
    readonly signal?: AbortSignal | undefined;
  }) => Promise<void>;
};

type Timer = { readonly dueAtMs: number; readonly order: number; callback: (() => void) | undefined };

/** Makes a clock that stands at a moment. */
export function createVirtualClock(startsAtMs: number): VirtualClock {
  const timers: Timer[] = [];
  let nowMs = startsAtMs;
  let order = 0;

  const schedule: Clock['schedule'] = ({ delayMs, callback }) => {
    const timer: Timer = { dueAtMs: nowMs + Math.max(0, delayMs), order: order++, callback };
    push({ timers, timer });
    return () => {
      timer.callback = undefined;
    };
  };
  return {
    now: () => nowMs,
    schedule,
    wait: ({ ms, signal }) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) {
          reject(signal.reason);
          return;
        }
        const onAbort = () => {
          cancel();
          reject(signal?.reason);
        };
        const cancel = schedule({
          delayMs: ms,
          callback: () => {
            signal?.removeEventListener('abort', onAbort);
            resolve();
          },
        });
        signal?.addEventListener('abort', onAbort, { once: true });
      }),
    run: async () => {
      await settle();
      for (let timer = pop(timers); timer !== undefined; timer = pop(timers)) {
        const { callback } = timer;
        if (callback === undefined) continue; // cancelled
        nowMs = Math.max(nowMs, timer.dueAtMs);
        callback();
        await settle();
      }
    },
  };
}

/**
 * Puts every timer of this process on the clock: the SDK waits before its retries by `setTimeout`, and takes no clock.
 * Returns what puts them back.
 */
export function takeOverTimers({ schedule }: Clock): () => void {
  const { setTimeout: ownSet, clearTimeout: ownClear } = globalThis;
  const cancels = new Map<unknown, () => void>();
  let id = 0;
  // The types have Node's further members, which nothing in a simulation asks for.
  globalThis.setTimeout = ((callback: () => void, delayMs = 0) => {
    id += 1;
    const own = id;
    const run = () => {
      cancels.delete(own);
      callback();
    };
    cancels.set(own, schedule({ delayMs: Number.isFinite(delayMs) ? delayMs : 0, callback: run }));
    return own;
  }) as unknown as typeof setTimeout;
  globalThis.clearTimeout = (timer => {
    cancels.get(timer)?.();
    cancels.delete(timer);
  }) as typeof clearTimeout;
  return () => {
    globalThis.setTimeout = ownSet;
    globalThis.clearTimeout = ownClear;
  };
}

/** Lets everything run that waits for promises only. */
function settle(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve));
}

const isBefore = (one: Timer, other: Timer) =>
  one.dueAtMs < other.dueAtMs || (one.dueAtMs === other.dueAtMs && one.order < other.order);

/** Into a binary heap, the next one first: there are thousands. */
function push({ timers, timer }: { readonly timers: Timer[]; readonly timer: Timer }): void {
  let at = timers.push(timer) - 1;
  while (at > 0) {
    const above = (at - 1) >> 1;
    const other = timers[above];
    if (other === undefined || isBefore(other, timer)) break;
    timers[at] = other;
    at = above;
  }
  timers[at] = timer;
}

function pop(timers: Timer[]): Timer | undefined {
  const [first] = timers;
  const last = timers.pop();
  if (first === undefined || last === undefined || timers.length === 0) return first;
  let at = 0;
  for (;;) {
    const left = at * 2 + 1;
    const [one, other] = [timers[left], timers[left + 1]];
    if (one === undefined) break;
    const [below, child] = other !== undefined && isBefore(other, one) ? [left + 1, other] : [left, one];
    if (isBefore(last, child)) break;
    timers[at] = child;
    at = below;
  }
  timers[at] = last;
  return first;
}
