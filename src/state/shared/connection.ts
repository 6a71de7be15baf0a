import type { Clock } from '../../boundary/clock.ts';
import type { StateStore } from '../store.ts';
import { createHealthView, type HealthView } from './health-view.ts';
import { createHolds, type StoreHolds } from './holds.ts';
import { createStoreLink, type StoreLink } from './store-link.ts';

/** A store as this process uses it; all composites that have the same one share it, also those that are made for one request. */
export type Connection = {
  readonly store: StateStore;
  readonly link: StoreLink;
  /** How long an answer is waited for before the store counts as away. */
  readonly timeoutMs: number;
  readonly holds: StoreHolds;
  readonly view: HealthView;
  /** Goes on reading, and booking, beside the calls for a while. */
  readonly keepUp: () => void;
};

/** How long a hold is waited for, unless the store says otherwise. */
const defaultTimeoutMs = 1_000;
/** How often it is read while it is used. */
const everyMs = 1_000;

const connections = new WeakMap<StateStore, WeakMap<Clock, Connection>>();

/** Finds or makes the connection to a store. */
export function connect({ store, clock }: { readonly store: StateStore; readonly clock: Clock }): Connection {
  let byClock = connections.get(store);
  if (byClock === undefined) {
    byClock = new WeakMap();
    connections.set(store, byClock);
  }
  let connection = byClock.get(clock);
  if (connection === undefined) {
    connection = open({ store, clock });
    byClock.set(clock, connection);
  }
  return connection;
}

function open({ store, clock }: { readonly store: StateStore; readonly clock: Clock }): Connection {
  const { timeoutMs = defaultTimeoutMs } = store;
  const link = createStoreLink({ clock, onBack: () => holds.catchUp() });
  const holds = createHolds({ store, link, timeoutMs });
  const view = createHealthView({ store, link, clock, timeoutMs });
  let isScheduled = false;
  const tick = (): void => {
    isScheduled = false;
    const isUsed = view.refresh();
    if (holds.owes()) holds.catchUp();
    if (isUsed || holds.owes()) keepUp();
  };
  const keepUp = (): void => {
    if (isScheduled || view.isImmediate()) return;
    isScheduled = true;
    clock.schedule({ delayMs: everyMs, callback: tick, isBackground: true });
  };
  return { store, link, timeoutMs, holds, view, keepUp };
}
