import type { Clock } from '../../boundary/clock.ts';
import { type Health, healthy, type StateStore } from '../store.ts';
import { isPromise, type OutageObservers, type StoreLink } from './store-link.ts';

/** What the store said of a key, and when. */
export type Seen = { readonly health: Health; readonly atMs: number };

/** What a process knows of the health in a store that is not its own memory: at most a second old while it is looked at. */
export type HealthView = {
  /** What was seen last; undefined before the first answer. */
  readonly seen: (key: string) => Seen | undefined;
  /** Takes the store's answer to what this process told it. */
  readonly take: (answer: { readonly key: string; readonly health: Health }) => void;
  /** Looks at these keys from now on; reads at once in a store that answers at once, else beside the call. */
  readonly look: (at: {
    readonly keys: ReadonlyArray<string>;
    readonly observers: OutageObservers | undefined;
  }) => void;
  /** Reads again what somebody looked at a while ago at most. False where there is nothing to read. */
  readonly refresh: () => boolean;
  /** True once the store has answered at once, as one in memory does. */
  readonly isImmediate: () => boolean;
};

type Entry = { seen: Seen | undefined; lookedAtMs: number; askedAtMs: number };

/** What is seen is read again after this time. */
const freshMs = 1_000;
/** What nobody has looked at for so long is not read again by itself. */
const lookedAtForMs = 60_000;
/** Keys read by themselves at most, the ones looked at last; a process that has more reads them when it needs them. */
const mostKeys = 1_000;

type View = {
  readonly store: StateStore;
  readonly link: StoreLink;
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** The one looked at longest ago first. */
  readonly entries: Map<string, Entry>;
  /** The store answers at once, so that it can be read every time. */
  isImmediate: boolean;
};

type Keys = { readonly keys: ReadonlyArray<string>; readonly observers: OutageObservers | undefined };

/** Makes a view that has seen nothing. */
export function createHealthView(of: Omit<View, 'entries' | 'isImmediate'>): HealthView {
  const view: View = { ...of, entries: new Map(), isImmediate: false };
  const { clock, entries } = view;
  return {
    isImmediate: () => view.isImmediate,
    seen: key => entries.get(key)?.seen,
    take: ({ key, health }) => {
      const entry = entries.get(key);
      if (entry !== undefined) entry.seen = { health, atMs: clock.now() };
    },
    look: at => look({ view, ...at }),
    refresh: () => refresh(view),
  };
}

function look({ view, keys, observers }: { readonly view: View } & Keys): void {
  const { link, clock, entries, isImmediate } = view;
  const nowMs = clock.now();
  const stale: string[] = [];
  for (const key of keys) {
    const entry = entries.get(key) ?? { seen: undefined, lookedAtMs: nowMs, askedAtMs: -Infinity };
    entry.lookedAtMs = nowMs;
    // Again, so that the one that goes first is the one nobody has looked at for longest.
    entries.delete(key);
    entries.set(key, entry);
    if (isImmediate || nowMs - entry.askedAtMs >= freshMs) stale.push(key);
  }
  link.concerns(observers);
  if (stale.length > 0) read({ view, keys: stale, observers });
  for (const key of entries.keys()) {
    if (entries.size <= mostKeys) return;
    entries.delete(key);
  }
}

function refresh(view: View): boolean {
  const { clock, entries } = view;
  const nowMs = clock.now();
  const keys: string[] = [];
  for (const [key, { lookedAtMs }] of entries) {
    if (nowMs - lookedAtMs < lookedAtForMs) keys.push(key);
    else entries.delete(key);
  }
  if (keys.length > 0) read({ view, keys, observers: undefined });
  return keys.length > 0;
}

function read({ view, keys, observers }: { readonly view: View } & Keys): void {
  const { store, link, clock, timeoutMs, entries } = view;
  const askedAtMs = clock.now();
  const keep = (healths: ReadonlyArray<Health>): void => {
    for (const [index, key] of keys.entries()) {
      const entry = entries.get(key);
      // What was told in between has its own answer, which is newer.
      if (entry !== undefined && (entry.seen?.atMs ?? 0) <= askedAtMs)
        entry.seen = { health: healths[index] ?? healthy, atMs: clock.now() };
    }
  };
  for (const key of keys) {
    const entry = entries.get(key);
    if (entry !== undefined) entry.askedAtMs = askedAtMs;
  }
  const reply = link.ask({ work: () => store.health(keys), limitMs: timeoutMs, observers });
  if (!isPromise(reply)) {
    if (reply.isAway) return;
    view.isImmediate = true;
    keep(reply.value);
    return;
  }
  void reply.then(known => {
    if (!known.isAway) keep(known.value);
  });
}
