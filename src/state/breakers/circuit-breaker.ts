import type { Failure } from '../../failure/failure.ts';
import type { FailureKind } from '../../failure/failure-kind.ts';
import {
  type BreakerOptions,
  close,
  fail,
  isCoolingDown,
  isProbing,
  type Memory,
  openIfQuiet,
  type Proven,
  prove,
} from './breaker-memory.ts';
import type { TripSettings } from './breaker-settings.ts';
import { settled, unknownSince } from './settling.ts';

/** The health of one candidate as `health()` shows it. */
export type CircuitState = {
  readonly state: 'closed' | 'open' | 'half-open';
  readonly consecutiveFailures: number;
  /** When the next probe may start, in milliseconds since the epoch; only while open. */
  readonly openUntilMs?: number;
  readonly lastFailureKind?: FailureKind;
};

/**
 * Remembers per candidate whether it is worth asking first. It only changes the order in which calls start: a running call
 * never consults it, and a call whose candidates are all open tries them anyway.
 */
export type CircuitBreaker = {
  readonly state: (nowMs: number) => CircuitState;
  /** True while a probe is under way and not for too long: other calls should start elsewhere. */
  readonly isProbing: (nowMs: number) => boolean;
  /** A call turns to the candidate; returns what takes what becomes of it. */
  readonly begin: (nowMs: number) => TellOutcome;
  /** Asks for leave to probe, where others share this breaker; a promise where that takes a while. */
  readonly askForProbe: () => Promise<void> | undefined;
  /** Forgets what was seen, and closes. */
  readonly reset: () => void;
};

/** What leaves nobody out. */
const alwaysClosed: CircuitBreaker = {
  state: () => ({ state: 'closed', consecutiveFailures: 0 }),
  isProbing: () => false,
  begin: () => ignore,
  askForProbe: () => undefined,
  reset: ignore,
};

/**
 * Takes what became of a call's turn: a success at its first output, since nothing here may depend on how long an answer is
 * or who reads it; a failure once the turn is over without an answer, or when an answer broke off after its first output.
 */
export type TellOutcome = (outcome: 'success' | 'abort' | Failure) => void;

type MadeBreaker = { readonly memory: Memory; readonly breaker: CircuitBreaker };

/** Makes a closed breaker, which tells when it is in doubt: open, or after a failure that may open it yet. */
function createCircuitBreaker(options: Memory['options']): MadeBreaker {
  const memory: Memory = {
    options,
    mirror: undefined,
    consecutiveFailures: 0,
    cooldowns: 0,
    openedAtMs: 0,
    openUntilMs: undefined,
    lastFailureKind: undefined,
    provenAtMs: options.clock.now(),
    suspicion: undefined,
    proofs: 0,
    openings: 0,
    probe: undefined,
    othersProbeUntilMs: 0,
    isInDoubt: false,
    settling: unknownSince(options.madeAtMs),
  };
  const breaker: CircuitBreaker = {
    isProbing: nowMs => isProbing({ memory, nowMs }),
    reset: () => {
      close(memory);
      memory.probe = undefined;
      memory.lastFailureKind = undefined;
      memory.othersProbeUntilMs = 0;
      settled(memory.settling);
      memory.mirror?.wasReset();
    },
    state: nowMs => stateOf({ memory, nowMs }),
    begin: nowMs => beginTurn({ memory, nowMs }),
    askForProbe: () => memory.mirror?.askForProbe(),
  };
  return { memory, breaker };
}

type At = { readonly memory: Memory; readonly nowMs: number };

function stateOf({ memory, nowMs }: At): CircuitState {
  openIfQuiet({ memory, nowMs });
  const { openUntilMs, consecutiveFailures, lastFailureKind } = memory;
  const isOpen = isCoolingDown({ memory, nowMs });
  return {
    state: openUntilMs === undefined ? 'closed' : isOpen ? 'open' : 'half-open',
    consecutiveFailures,
    ...(openUntilMs !== undefined && isOpen && { openUntilMs }),
    ...(lastFailureKind !== undefined && { lastFailureKind }),
  };
}

/** A call's turn: whether it is the probe is decided now, and what becomes of it is told later. */
function beginTurn({ memory, nowMs }: At): TellOutcome {
  openIfQuiet({ memory, nowMs });
  const isProbe =
    memory.openUntilMs !== undefined && !isCoolingDown({ memory, nowMs }) && !isProbing({ memory, nowMs });
  const own = isProbe ? { untilMs: nowMs + memory.options.settings.maxCooldownMs } : undefined;
  if (isProbe) memory.probe = own;
  const openingsBefore = memory.openings;
  /** What was known before this call's first output, which a break takes back. */
  let before: Proven | undefined;

  return outcome => {
    if (isProbe && memory.probe === own) {
      memory.probe = undefined;
      memory.mirror?.probeEnded();
    }
    if (outcome === 'abort') return;
    if (outcome === 'success') {
      before = prove({ memory, openingsBefore }) ?? before;
      return;
    }
    const isTakenBack = before !== undefined && before.proof === memory.proofs;
    if (before !== undefined && isTakenBack) {
      memory.consecutiveFailures += before.failures;
      memory.cooldowns = Math.max(memory.cooldowns, before.cooldowns);
    }
    const wasProbe =
      before !== undefined && isTakenBack ? before.wasOpen : isProbe && memory.openUntilMs !== undefined;
    const takenBack = before !== undefined && isTakenBack ? before.failures : 0;
    fail({ memory, failure: outcome, isProbe: wasProbe, takenBack });
    before = undefined;
  };
}

/** What tells the breakers of candidates apart. */
export type BreakerOwner = {
  /** The model object. */
  readonly identity: object;
  /** Stands for it where the object does not live long. */
  readonly healthKey?: string;
};

/** The breakers of a composite, one per model object or health key; an entry lives as long as its model. */
export type CircuitBreakers = {
  readonly of: (owner: BreakerOwner) => CircuitBreaker;
  /** True while every one of them is closed and will be until something fails; then nobody needs to be asked. */
  readonly areClosed: () => boolean;
  /** What a breaker knows, to be tied to those of others; undefined where none ever opens. */
  readonly memoryOf: (owner: BreakerOwner) => Memory | undefined;
};

/** Makes the breakers of a composite, all closed. Without settings none ever opens. */
export function createCircuitBreakers({
  settings,
  ...others
}: Omit<BreakerOptions, 'settings'> & { readonly settings: TripSettings | undefined }): CircuitBreakers {
  if (settings === undefined)
    return { of: () => alwaysClosed, areClosed: () => true, memoryOf: () => undefined };
  const byIdentity = new WeakMap<object, MadeBreaker>();
  const byKey = new Map<string, MadeBreaker>();
  let inDoubt = 0;
  const options = {
    ...others,
    settings,
    madeAtMs: others.clock.now(),
    onDoubt: (change: 1 | -1) => {
      inDoubt += change;
    },
  };
  const find = ({ identity, healthKey }: BreakerOwner): MadeBreaker => {
    const known = healthKey === undefined ? byIdentity.get(identity) : byKey.get(healthKey);
    if (known !== undefined) return known;
    const made = createCircuitBreaker(options);
    if (healthKey === undefined) byIdentity.set(identity, made);
    else byKey.set(healthKey, made);
    return made;
  };
  return {
    of: owner => find(owner).breaker,
    areClosed: () => inDoubt === 0,
    memoryOf: owner => find(owner).memory,
  };
}

function ignore(): void {}
