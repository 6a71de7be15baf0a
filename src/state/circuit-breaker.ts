import type { Clock } from '../boundary/clock.ts';
import type { Failure } from '../failure/failure.ts';
import type { FailureKind } from '../failure/failure-kind.ts';
import { tripEffectOf } from './trip-rule.ts';

/** When a circuit breaker opens and for how long. */
export type CircuitBreakerSettings = {
  /**
   * Calls in a row that failed there and open it; the retries of one call count once. Default: 5, and 1 once the candidate
   * has answered nobody for 3 s, if the failure is a sign of an outage (`server`, `overloaded`, `network`, `rate-limit`,
   * `timeout`): then there is little traffic to learn from, and little to move.
   */
  readonly failureThreshold: number;
  /**
   * The first cooldown in milliseconds, doubled at each failed probe up to the longest. Default 11,000, or 5,000 where
   * `maxCooldownMs` is set.
   */
  readonly cooldownMs: number;
  /**
   * The longest cooldown, jitter included; default 11,000, so that traffic is back soon after a recovery, or `cooldownMs`
   * where that is longer. A provider's `Retry-After` may be longer. So long a probe keeps other calls away, too.
   */
  readonly maxCooldownMs: number;
  /**
   * The longest that a provider's `Retry-After` leaves a candidate out, in milliseconds; default 600,000. What asks for more
   * (a date in 2100, milliseconds taken for seconds) is cut to this; then one call probes it, and the provider may ask again.
   */
  readonly maxRetryAfterMs: number;
};

/** The settings with what only the defaults have. */
export type TripSettings = CircuitBreakerSettings & {
  /** One failed call is enough where nobody was answered for so long. `Infinity` where the threshold is the user's. */
  readonly quietMs: number;
};

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

/** Kinds that say that the provider is in trouble, rather than this request. */
const signsOfOutage: ReadonlySet<FailureKind> = new Set<FailureKind>([
  'server',
  'overloaded',
  'network',
  'rate-limit',
  'timeout',
]);

/** What the breakers of a composite have in common. */
type BreakerOptions = {
  readonly settings: TripSettings;
  /** The wait above which a candidate is left out at once. */
  readonly longRetryAfterMs: number;
  readonly clock: Clock;
  readonly random: () => number;
};

/** Makes a closed breaker, which tells when it is in doubt: open, or after a failure that may open it yet. */
function createCircuitBreaker({
  settings,
  longRetryAfterMs,
  clock,
  random,
  onDoubt,
}: BreakerOptions & { readonly onDoubt: (change: 1 | -1) => void }): CircuitBreaker {
  let consecutiveFailures = 0;
  let cooldowns = 0;
  let openedAtMs = 0;
  let openUntilMs: number | undefined;
  let lastFailureKind: FailureKind | undefined;
  let provenAtMs = clock.now();
  /** The last failure that may be an outage; whether it was one shows once nobody is answered any more. */
  let suspicion: { readonly atMs: number; readonly untilMs: number } | undefined;
  /** How often a first output has shown it healthy; tells whether another one came since. */
  let proofs = 0;
  /** How often it opened while it was closed. */
  let openings = 0;
  let probe: { readonly untilMs: number } | undefined;
  let isInDoubt = false;

  const updateDoubt = () => {
    const isNow = openUntilMs !== undefined || suspicion !== undefined;
    if (isNow !== isInDoubt) onDoubt(isNow ? 1 : -1);
    isInDoubt = isNow;
  };
  const close = () => {
    consecutiveFailures = 0;
    cooldowns = 0;
    openUntilMs = undefined;
    suspicion = undefined;
    updateDoubt();
  };
  const isProbing = (nowMs: number) => probe !== undefined && nowMs < probe.untilMs;
  // Before it was opened: the clock was set back, and the candidate would be left out for as long as that.
  const isCoolingDown = (nowMs: number) =>
    openUntilMs !== undefined && openUntilMs > nowMs && nowMs >= openedAtMs;
  const nextCooldownMs = () => {
    const boundMs = Math.min(settings.maxCooldownMs, settings.cooldownMs * 2 ** cooldowns);
    // Jitter takes away, never adds: the bound is a promise.
    return boundMs * (0.75 + random() / 4);
  };
  const open = ({ atMs, untilMs }: { readonly atMs: number; readonly untilMs: number }) => {
    if (openUntilMs === undefined) openings += 1;
    cooldowns = Math.min(cooldowns + 1, 30);
    openUntilMs = isCoolingDown(atMs) ? Math.max(openUntilMs ?? 0, untilMs) : untilMs;
    openedAtMs = atMs;
    suspicion = undefined;
    updateDoubt();
  };
  /** In little traffic one failed call is all there is to go by, once time has shown that nobody else is answered. */
  const openIfQuiet = (nowMs: number) => {
    if (suspicion !== undefined && nowMs - provenAtMs >= settings.quietMs) open(suspicion);
  };
  const record = ({ failure, isProbe }: { readonly failure: Failure; readonly isProbe: boolean }) => {
    const nowMs = clock.now();
    const isLongWait = failure.retryAfterMs !== undefined && failure.retryAfterMs > longRetryAfterMs;
    const own = tripEffectOf(failure);
    const effect = isLongWait && own !== 'none' ? 'open' : own;
    if (effect === 'none') return;
    consecutiveFailures += 1;
    lastFailureKind = failure.kind;
    const opensNow =
      openUntilMs === undefined && (effect === 'open' || consecutiveFailures >= settings.failureThreshold);
    const askedMs = isLongWait && failure.retryAfterMs !== undefined ? failure.retryAfterMs : undefined;
    const cooldownMs = askedMs === undefined ? nextCooldownMs() : Math.min(askedMs, settings.maxRetryAfterMs);
    const untilMs = nowMs + cooldownMs;
    // Calls that started before it opened must not lengthen the cooldown: only its probe does, or a longer wait asked for.
    if (opensNow || isProbe || isLongWait) open({ atMs: nowMs, untilMs });
    else if (openUntilMs === undefined && signsOfOutage.has(failure.kind))
      suspicion = { atMs: nowMs, untilMs };
    updateDoubt();
  };

  return {
    isProbing,
    reset: () => {
      close();
      probe = undefined;
      lastFailureKind = undefined;
    },
    state: nowMs => {
      openIfQuiet(nowMs);
      return {
        state: openUntilMs === undefined ? 'closed' : isCoolingDown(nowMs) ? 'open' : 'half-open',
        consecutiveFailures,
        ...(openUntilMs !== undefined && isCoolingDown(nowMs) && { openUntilMs }),
        ...(lastFailureKind !== undefined && { lastFailureKind }),
      };
    },
    begin: nowMs => {
      openIfQuiet(nowMs);
      const isProbe = openUntilMs !== undefined && !isCoolingDown(nowMs) && !isProbing(nowMs);
      const own = isProbe ? { untilMs: nowMs + settings.maxCooldownMs } : undefined;
      if (isProbe) probe = own;
      const openingsBefore = openings;
      /** What was known before this call's first output, which a break takes back. */
      let before:
        | { readonly proof: number; readonly failures: number; readonly cooldowns: number }
        | undefined;
      let wasOpen = false;

      return outcome => {
        if (isProbe && probe === own) probe = undefined;
        if (outcome === 'abort') return;
        if (outcome === 'success') {
          provenAtMs = clock.now();
          // A provider that turns new calls away may still finish those it took before.
          if (openUntilMs !== undefined && openings !== openingsBefore) return;
          proofs += 1;
          if (consecutiveFailures === 0 && openUntilMs === undefined) return;
          wasOpen = openUntilMs !== undefined;
          before = { proof: proofs, failures: consecutiveFailures, cooldowns };
          close();
          return;
        }
        const isTakenBack = before?.proof === proofs;
        if (before !== undefined && isTakenBack) {
          consecutiveFailures += before.failures;
          cooldowns = Math.max(cooldowns, before.cooldowns);
        }
        record({
          failure: outcome,
          isProbe: isTakenBack ? wasOpen : isProbe && openUntilMs !== undefined,
        });
        before = undefined;
      };
    },
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
