import type { Clock } from '../../boundary/clock.ts';
import type { PriceCatalog } from './catalog.ts';

/** How waiting for a price list ended. */
export type ListOutcome = 'there' | 'late' | 'failed';

/** Loads a price list beside the calls, which wait for it no longer than they must. */
export type ListWait = {
  /** Starts loading, unless that is under way. Never throws, sets no timer. */
  readonly start: () => void;
  /**
   * Waits until the list is there, will not come, or is late; starts loading where nobody did. Never rejects. The time runs
   * from the start of the loading and for all who wait, so that a catalog that never settles holds up its first calls only.
   */
  readonly wait: () => Promise<ListOutcome>;
};

type Loading = {
  readonly settled: Promise<ListOutcome>;
  readonly dueAtMs: number;
  bounded: Promise<ListOutcome> | undefined;
};

/** Makes a wait for the list of a catalog. Nothing is loaded before it is asked for. */
export function createListWait({
  catalog,
  maxWaitMs,
  now,
  schedule,
}: {
  readonly catalog: PriceCatalog;
  readonly maxWaitMs: number;
  readonly now: () => number;
  readonly schedule: Clock['schedule'];
}): ListWait {
  let loading: Loading | undefined;
  const begin = (): Loading => {
    const end = (outcome: ListOutcome) => {
      // Whoever finds nothing in a list that is there may have it loaded again, as after one that failed.
      loading = undefined;
      return outcome;
    };
    const load = async () => catalog.load();
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
  const bound = ({ settled, dueAtMs }: Loading): Promise<ListOutcome> =>
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
