import type { Clock } from '../../boundary/clock.ts';
import { type Health, healthy, type Observation, type Observed, type ProbeLease } from '../store.ts';

/** What is known under one key. */
type Entry = {
  failures: number;
  cooldowns: number;
  openings: number;
  /** Undefined while it is closed. */
  openUntilMs: number | undefined;
  lastFailureKind: string | undefined;
  probe: { readonly token: string; readonly untilMs: number } | undefined;
  keepUntilMs: number;
};

/** More than 30 doublings are longer than anybody waits. */
const mostCooldowns = 30;

/** Keeps health in memory, at once. At most `maxKeys`, the ones written last. */
export function createMemoryHealth({ clock, maxKeys }: { readonly clock: Clock; readonly maxKeys: number }): {
  readonly observe: (observed: Observed) => Health;
  readonly health: (keys: ReadonlyArray<string>) => ReadonlyArray<Health>;
  readonly tryProbe: (probe: ProbeLease) => boolean;
} {
  const entries = new Map<string, Entry>();
  const find = (key: string): Entry | undefined => {
    const entry = entries.get(key);
    if (entry === undefined || entry.keepUntilMs > clock.now()) return entry;
    entries.delete(key);
    return undefined;
  };
  const touch = ({ key, keepMs }: { readonly key: string; readonly keepMs: number }): Entry => {
    const entry = find(key) ?? emptyEntry();
    entries.delete(key);
    entries.set(key, entry);
    entry.keepUntilMs = Math.max(entry.keepUntilMs, clock.now() + keepMs);
    if (entries.size > maxKeys) {
      const [first] = entries.keys();
      if (first !== undefined) entries.delete(first);
    }
    return entry;
  };

  return {
    observe: ({ key, observation, token, keepMs }) => {
      const entry = touch({ key, keepMs });
      if (token !== undefined && entry.probe?.token === token) entry.probe = undefined;
      apply({ entry, observation, nowMs: clock.now() });
      return healthOf({ entry, nowMs: clock.now() });
    },
    health: keys => keys.map(key => healthOf({ entry: find(key), nowMs: clock.now() })),
    tryProbe: ({ key, token, leaseMs }) => {
      const entry = touch({ key, keepMs: leaseMs });
      const nowMs = clock.now();
      if (entry.probe !== undefined && entry.probe.untilMs > nowMs && entry.probe.token !== token)
        return false;
      entry.probe = { token, untilMs: nowMs + leaseMs };
      return true;
    },
  };
}

function emptyEntry(): Entry {
  return {
    failures: 0,
    cooldowns: 0,
    openings: 0,
    openUntilMs: undefined,
    lastFailureKind: undefined,
    probe: undefined,
    keepUntilMs: 0,
  };
}

function apply({
  entry,
  observation,
  nowMs,
}: {
  readonly entry: Entry;
  readonly observation: Observation;
  readonly nowMs: number;
}): void {
  switch (observation.type) {
    case 'success':
      // A provider that turns new calls away may still finish those it took before.
      if (entry.openUntilMs === undefined || entry.openings === observation.openings) close(entry);
      return;
    case 'failure': {
      const { failures, kind, isOpening, threshold, cooldownMs } = observation;
      const isClosed = entry.openUntilMs === undefined;
      entry.failures += failures;
      entry.lastFailureKind = kind;
      if (!isOpening && !(isClosed && entry.failures >= threshold)) return;
      if (isClosed) entry.openings += 1;
      entry.cooldowns = Math.min(entry.cooldowns + 1, mostCooldowns);
      entry.openUntilMs = Math.max(entry.openUntilMs ?? 0, nowMs + cooldownMs);
      return;
    }
    case 'reset':
      close(entry);
      entry.probe = undefined;
      entry.lastFailureKind = undefined;
      return;
    case 'abort':
      return;
    default:
      observation satisfies never;
  }
}

function close(entry: Entry): void {
  entry.failures = 0;
  entry.cooldowns = 0;
  entry.openUntilMs = undefined;
}

function healthOf({ entry, nowMs }: { readonly entry: Entry | undefined; readonly nowMs: number }): Health {
  if (entry === undefined) return healthy;
  const { failures, cooldowns, openings, openUntilMs, lastFailureKind, probe } = entry;
  return {
    failures,
    cooldowns,
    openings,
    isOpen: openUntilMs !== undefined,
    openForMs: Math.max(0, (openUntilMs ?? nowMs) - nowMs),
    isProbing: probe !== undefined && probe.untilMs > nowMs,
    ...(lastFailureKind !== undefined && { lastFailureKind }),
  };
}
