import type { Failure } from '../failure/failure.ts';
import type { FailureKind } from '../failure/failure-kind.ts';
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
  /** Forgets what was seen, and closes. */
  readonly reset: () => void;
};

/** What leaves nobody out. */
const alwaysClosed: CircuitBreaker = {
  state: () => ({ state: 'closed', consecutiveFailures: 0 }),
  isProbing: () => false,
  begin: () => ignore,
  reset: ignore,
};

/**
 * Takes what became of a call's turn: a success at its first output, since nothing here may depend on how long an answer is
 * or who reads it; a failure once the turn is over without an answer, or when an answer broke off after its first output.
 */
export type TellOutcome = (outcome: 'success' | 'abort' | Failure) => void;

/** Makes a closed breaker, which tells when it is in doubt: open, or after a failure that may open it yet. */
function createCircuitBreaker(options: Memory['options']): CircuitBreaker {
  const memory: Memory = {
    options,
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
    isInDoubt: false,
  };
  return {
    isProbing: nowMs => isProbing({ memory, nowMs }),
    reset: () => {
      close(memory);
      memory.probe = undefined;
      memory.lastFailureKind = undefined;
    },
    state: nowMs => stateOf({ memory, nowMs }),
    begin: nowMs => beginTurn({ memory, nowMs }),
  };
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
    if (isProbe && memory.probe === own) memory.probe = undefined;
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
    fail({ memory, failure: outcome, isProbe: wasProbe });
    before = undefined;
  };
}

/** The breakers of a composite, one per model object; an entry lives as long as its model. */
export type CircuitBreakers = {
  readonly of: (identity: object) => CircuitBreaker;
  /** True while every one of them is closed and will be until something fails; then nobody needs to be asked. */
  readonly areClosed: () => boolean;
};

/** Makes the breakers of a composite, all closed. Without settings none ever opens. */
export function createCircuitBreakers({
  settings,
  ...others
}: Omit<BreakerOptions, 'settings'> & { readonly settings: TripSettings | undefined }): CircuitBreakers {
  if (settings === undefined) return { of: () => alwaysClosed, areClosed: () => true };
  const breakers = new WeakMap<object, CircuitBreaker>();
  let inDoubt = 0;
  const options = {
    ...others,
    settings,
    onDoubt: (change: 1 | -1) => {
      inDoubt += change;
    },
  };
  return {
    of: identity => {
      let breaker = breakers.get(identity);
      if (breaker === undefined) {
        breaker = createCircuitBreaker(options);
        breakers.set(identity, breaker);
      }
      return breaker;
    },
    areClosed: () => inDoubt === 0,
  };
}

function ignore(): void {}
