import type { Clock } from '../boundary/clock.ts';
import { AttemptTimeoutError } from '../failure/errors.ts';

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
