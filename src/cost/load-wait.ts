import type { Clock } from '../boundary/clock.ts';

/** How waiting for something that is loaded ended. */
export type LoadOutcome = 'there' | 'late' | 'failed';

/** Loads something beside the calls, which wait for it no longer than they must. */
export type LoadWait = {
  /** Starts loading, unless that is under way. Never throws, sets no timer. */
  readonly start: () => void;
  /**
   * Waits until it is there, will not come, or is late; starts loading where nobody did. Never rejects. The time runs from
   * the start of the loading and for all who wait, so that what never comes holds up its first calls only.
   */
  readonly wait: () => Promise<LoadOutcome>;
};

type Loading = {
  readonly settled: Promise<LoadOutcome>;
  readonly dueAtMs: number;
  bounded: Promise<LoadOutcome> | undefined;
};

/** Makes a wait. Nothing is loaded before it is asked for. */
export function createLoadWait({
  load,
  maxWaitMs,
  now,
  schedule,
}: {
  readonly load: () => Promise<unknown>;
  readonly maxWaitMs: number;
  readonly now: () => number;
  readonly schedule: Clock['schedule'];
}): LoadWait {
  let loading: Loading | undefined;
  const begin = (): Loading => {
    const end = (outcome: LoadOutcome) => {
      // Whoever finds nothing in a list that is there may have it loaded again, as after one that failed.
      loading = undefined;
      return outcome;
    };
    loading = {
      settled: load().then(
        () => end('there'),
        () => end('failed'),
      ),
      dueAtMs: now() + maxWaitMs,
      bounded: undefined,
    };
    return loading;
  };
  const bound = ({ settled, dueAtMs }: Loading): Promise<LoadOutcome> =>
    new Promise(resolve => {
      const cancel = schedule({
        delayMs: Math.min(maxWaitMs, Math.max(0, dueAtMs - now())),
        callback: () => resolve('late'),
      });
      void settled.then(outcome => {
        cancel();
        resolve(outcome);
      });
    });

  return {
    start: () => {
      loading ?? begin();
    },
    wait: () => {
      const own = loading ?? begin();
      own.bounded ??= bound(own);
      return own.bounded;
    },
  };
}
