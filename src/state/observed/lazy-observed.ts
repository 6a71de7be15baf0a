import { createChunk } from '../../boundary/chunk.ts';
import type { Clock } from '../../boundary/clock.ts';
import type { Observed, ObservedSettings } from './observed.ts';

/** What learns from attempts; loaded by composites with a route that goes by it. */
export const learning = createChunk(() => import('./observed.ts'));

/** What was observed, once its code is loaded. */
export type LazyObserved = {
  readonly settings: ObservedSettings;
  /** Undefined while its code is not loaded: nothing was observed yet. */
  readonly now: () => Observed | undefined;
  /** Has something done with it: at once, or as soon as it is there. */
  readonly tell: (work: (observed: Observed) => void) => void;
};

/** Makes what learns, and has its code loaded beside the first call. */
export function createLazyObserved(options: {
  readonly settings: ObservedSettings;
  readonly clock: Clock;
}): LazyObserved {
  let observed: Observed | undefined;
  const now = (): Observed | undefined => {
    observed ??= learning.now()?.createObserved(options);
    return observed;
  };
  if (now() === undefined) void learning.load().then(ignore, ignore);
  return {
    settings: options.settings,
    now,
    tell: work => {
      const known = now();
      if (known !== undefined) return work(known);
      // Without the file there is nothing to learn with; calls go on as listed.
      void learning.load().then(() => {
        const loaded = now();
        if (loaded !== undefined) work(loaded);
      }, ignore);
    },
  };
}

function ignore(): void {}
