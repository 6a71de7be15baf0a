import { type Clock, systemClock } from '../../boundary/clock.ts';
import type { StateStore } from '../store.ts';
import { createMemoryHealth } from './memory-health.ts';
import { createMemoryScopes } from './memory-scopes.ts';

/** A store that answers at once. */
export type MemoryStore = {
  readonly [VERB in keyof Verbs]: (...input: Parameters<Verbs[VERB]>) => Awaited<ReturnType<Verbs[VERB]>>;
};

type Verbs = Omit<StateStore, 'timeoutMs'>;

/** What `memoryState` takes. */
export type MemoryStateSettings = {
  /** The most entries of each kind (scopes, health, notes); default 100,000. What was used longest ago goes first. */
  readonly maxEntries?: number;
  /** Time, for tests. */
  readonly clock?: Clock;
};

/**
 * Makes a store in this process's memory, which answers at once: what several composites of one process share. It is empty
 * after a restart.
 *
 * @example
 * const state = memoryState();
 * const forTenant = (key: string) => createComposite([modelWith(key), backup], { state });
 */
export function memoryState({
  maxEntries = 100_000,
  clock = systemClock,
}: MemoryStateSettings = {}): MemoryStore {
  const notes = new Map<string, { readonly value: string; readonly untilMs: number }>();
  return {
    ...createMemoryHealth({ clock, maxKeys: maxEntries }),
    ...createMemoryScopes({ clock, maxScopes: maxEntries }),
    readNote: key => {
      const note = notes.get(key);
      return note === undefined || note.untilMs <= clock.now() ? undefined : note.value;
    },
    writeNote: ({ key, value, keepMs }) => {
      notes.delete(key);
      notes.set(key, { value, untilMs: clock.now() + keepMs });
      if (notes.size <= maxEntries) return;
      const [first] = notes.keys();
      if (first !== undefined) notes.delete(first);
    },
  };
}
