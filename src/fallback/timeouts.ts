import type { Clock } from '../clock.ts';
import { AttemptTimeoutError } from '../errors.ts';

/** Time limits as settings take them, in milliseconds; `Infinity` is no limit. Names are the AI SDK's. */
export type TimeoutSettings = {
  /** The whole call, all attempts and the whole stream together. On a candidate: all its attempts together. Default: no limit. */
  readonly totalMs?: number | undefined;
  /**
   * One whole `doGenerate` attempt; streams are not cut by it. Default: 90,000. The last candidate left is not cut, since
   * nobody could do better.
   */
  readonly attemptMs?: number | undefined;
  /**
   * From the start of a stream attempt to its first output, so it covers the wait for headers; a preamble is no output.
   * Default: 60,000. The last candidate left is not cut.
   */
  readonly firstChunkMs?: number | undefined;
  /**
   * Between two stream parts, while somebody reads. Default: 30,000 inside a text block or a tool's input, 300,000
   * elsewhere, where a model may be thinking or running a tool of its own.
   */
  readonly chunkMs?: number | undefined;
};

/** Time limits with every default filled in, as one candidate of one route has them. */
export type Timeouts = {
  readonly totalMs: number;
  readonly attemptMs: number;
  readonly firstChunkMs: number;
  readonly chunkMs: { readonly insideTextMs: number; readonly elsewhereMs: number };
};

/** A named limit and the moment it runs out. */
export type Limit = {
  readonly name: AttemptTimeoutError['limit'];
  readonly limitMs: number;
  readonly dueAtMs: number;
};

/** The limit that runs out first. */
export function earlier({ one, other }: { readonly one: Limit; readonly other: Limit }): Limit {
  return other.dueAtMs < one.dueAtMs ? other : one;
}

/** One moment after which an attempt is cut off; re-armed at will, costs one timer. */
export type Alarm = {
  readonly arm: (limit: Limit) => void;
  readonly disarm: () => void;
};

/** Makes an alarm that reports the limit that ran out. */
export function createAlarm({
  clock,
  candidate,
  onExpire,
}: {
  readonly clock: Clock;
  readonly candidate: string;
  readonly onExpire: (error: AttemptTimeoutError) => void;
}): Alarm {
  let cancel: (() => void) | undefined;
  const disarm = () => {
    cancel?.();
    cancel = undefined;
  };
  return {
    disarm,
    arm: ({ name, limitMs, dueAtMs }) => {
      disarm();
      if (dueAtMs === Number.POSITIVE_INFINITY) return;
      cancel = clock.schedule({
        delayMs: Math.max(0, dueAtMs - clock.now()),
        callback: () => onExpire(new AttemptTimeoutError({ candidate, limit: name, limitMs })),
      });
    },
  };
}
