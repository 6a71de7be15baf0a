import type { Clock } from '../../boundary/clock.ts';
import type { Mirror } from '../breakers/breaker-memory.ts';
import type { BreakerOwner, CircuitBreakers } from '../breakers/circuit-breaker.ts';
import { memoryState } from '../memory/memory-state.ts';
import type { StateStore } from '../store.ts';
import { type Connection, connect } from './connection.ts';
import { createMirror } from './health-mirror.ts';
import type { Holds } from './holds.ts';
import { namespacedHolds } from './namespaced-holds.ts';
import { type OutageSettings, outageObservers } from './outage-events.ts';
import { createSharedNotes, type SharedNotes } from './shared-notes.ts';
import type { OutageObservers } from './store-link.ts';

/** A candidate, as far as others have it too. */
export type SharedOwner = BreakerOwner & { readonly name: string };

/** What a composite shares, and how. */
export type SharedOptions = {
  /** Undefined where nothing is shared but what the composite holds, in memory, and the breakers of health keys, in this process. */
  readonly store: StateStore | undefined;
  /** Stands before every key. */
  readonly namespace: string;
  readonly clock: Clock;
  readonly breakers: CircuitBreakers;
  readonly candidates: ReadonlyArray<SharedOwner>;
  readonly observers: OutageSettings;
};

/** What the calls of a composite share with those of others. */
export type Shared = {
  /** What may still be spent or asked. */
  readonly holds: Holds;
  /** Small texts that expire; undefined where they are kept by the composite alone. */
  readonly notes: SharedNotes | undefined;
  /** Takes over what others found out about candidates; reads it again, beside the call, where that is a second old. */
  readonly look: () => void;
};

/** Stores of those who set none, so that a health key means the same candidate in all composites of a process. */
const ownStores = new WeakMap<Clock, StateStore>();

/** Ties a composite to what others have of it. */
export function createShared({
  store,
  namespace,
  clock,
  breakers,
  candidates,
  observers: settings,
}: SharedOptions): Shared {
  const observers = outageObservers(settings);
  const shown = store ?? memoryState({ clock });
  const connection = connect({ store: shown, clock });
  const owners =
    store === undefined ? candidates.filter(({ healthKey }) => healthKey !== undefined) : candidates;
  const health =
    store === undefined && owners.length > 0 ? connect({ store: ownStore(clock), clock }) : connection;
  const mirrors = tie({ owners, breakers, connection: health, observers, prefix: `${namespace}/health/` });
  const keys = [...mirrors.keys()];
  const look = (): void => {
    if (keys.length === 0) return;
    health.view.look({ keys, observers });
    health.keepUp();
    for (const { update } of mirrors.values()) update();
  };
  look();
  return {
    holds: namespacedHolds({
      holds: connection.holds.of(observers),
      prefix: `${namespace}/`,
      keepUp: connection.keepUp,
    }),
    notes:
      store === undefined
        ? undefined
        : createSharedNotes({ connection, clock, observers, prefix: `${namespace}/notes/` }),
    look,
  };
}

function ownStore(clock: Clock): StateStore {
  const known = ownStores.get(clock) ?? memoryState({ clock });
  ownStores.set(clock, known);
  return known;
}

/** Gives every breaker its mirror, by its key. */
function tie({
  owners,
  breakers,
  connection,
  observers,
  prefix,
}: {
  readonly owners: ReadonlyArray<SharedOwner>;
  readonly breakers: CircuitBreakers;
  readonly connection: Connection;
  readonly observers: OutageObservers;
  readonly prefix: string;
}): ReadonlyMap<string, Mirror & { readonly update: () => void }> {
  const mirrors = new Map<string, Mirror & { readonly update: () => void }>();
  for (const owner of owners) {
    const memory = breakers.memoryOf(owner);
    const key = `${prefix}${owner.healthKey ?? owner.name}`;
    if (memory === undefined || memory.mirror !== undefined || mirrors.has(key)) continue;
    const mirror = createMirror({ memory, key, connection, observers });
    memory.mirror = mirror;
    mirrors.set(key, mirror);
  }
  return mirrors;
}
