import { createChunk } from '../../boundary/chunk.ts';
import type { Shared, SharedOptions } from './shared.ts';

/** What shares, and holds; loaded by composites that do. */
export const sharing = createChunk(() => import('./shared.ts'));

/** What is shared, once its code is loaded. */
export type LazyShared = {
  /** Undefined while its code is not loaded. */
  readonly now: () => Shared | undefined;
  /** Loads it. Rejects where a file of ai-composite is missing from a bundle. */
  readonly later: () => Promise<Shared>;
};

/** Makes what is shared when it is first needed. */
export function createLazyShared(options: SharedOptions): LazyShared {
  let shared: Shared | undefined;
  return {
    now: () => {
      shared ??= sharing.now()?.createShared(options);
      return shared;
    },
    later: async () => {
      const { createShared } = await sharing.load();
      shared ??= createShared(options);
      return shared;
    },
  };
}
