import type { Clock } from '../clock.ts';
import type { FailureKind } from '../failure-kind.ts';
import type { Failure } from './failure.ts';
import { tripEffectOf } from './trip-rule.ts';

/** When a circuit breaker opens and for how long. */
export type CircuitBreakerSettings = {
  /** Health failures in a row that open it; default 5. */
  readonly failureThreshold: number;
  /** The first cooldown in milliseconds, doubled at each failed probe; default 5,000. */
  readonly cooldownMs: number;
  /** The longest cooldown, jitter included; default 12,000, so that traffic is back soon after a recovery, or `cooldownMs` where that is longer. A provider's `Retry-After` may be longer. */
  readonly maxCooldownMs: number;
  /**
   * The longest that a provider's `Retry-After` leaves a candidate out, in milliseconds; default 600,000. What asks for more
   * (a date in 2100, milliseconds taken for seconds) is cut to this; then one call probes it, and the provider may ask again.
   */
  readonly maxRetryAfterMs: number;
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
  /** True while a probe is under way: other calls should start elsewhere. */
  readonly isProbing: () => boolean;
  /** An attempt begins; returns what takes its outcome, exactly once. */
  readonly begin: (nowMs: number) => (outcome: 'success' | 'abort' | Failure) => void;
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

/** Makes a closed breaker. `longRetryAfterMs` is the wait above which a candidate is left out at once. */
export function createCircuitBreaker({
  settings,
  longRetryAfterMs,
  clock,
  random,
}: {
  readonly settings: CircuitBreakerSettings;
  readonly longRetryAfterMs: number;
  readonly clock: Clock;
  readonly random: () => number;
}): CircuitBreaker {
  let consecutiveFailures = 0;
  let cooldowns = 0;
  let openedAtMs = 0;
  let openUntilMs: number | undefined;
  let lastFailureKind: FailureKind | undefined;
  let probing = false;

  const close = () => {
    consecutiveFailures = 0;
    cooldowns = 0;
    openUntilMs = undefined;
  };
  // Before it was opened: the clock was set back, and the candidate would be left out for as long as that.
  const isCoolingDown = (nowMs: number) =>
    openUntilMs !== undefined && openUntilMs > nowMs && nowMs >= openedAtMs;
  const open = ({
    nowMs,
    retryAfterMs,
  }: {
    readonly nowMs: number;
    readonly retryAfterMs: number | undefined;
  }) => {
    const boundMs = Math.min(settings.maxCooldownMs, settings.cooldownMs * 2 ** cooldowns);
    cooldowns = Math.min(cooldowns + 1, 30);
    // Jitter takes away, never adds: the bound is a promise.
    const cooldownMs =
      retryAfterMs === undefined
        ? boundMs * (0.75 + random() / 4)
        : Math.min(retryAfterMs, settings.maxRetryAfterMs);
    openUntilMs = isCoolingDown(nowMs) ? Math.max(openUntilMs ?? 0, nowMs + cooldownMs) : nowMs + cooldownMs;
    openedAtMs = nowMs;
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
    // Calls that started before it opened must not lengthen the cooldown: only its probe does, or a longer wait asked for.
    if (opensNow || isProbe || isLongWait)
      open({ nowMs, retryAfterMs: isLongWait ? failure.retryAfterMs : undefined });
  };

  return {
    isProbing: () => probing,
    reset: () => {
      close();
      lastFailureKind = undefined;
    },
    state: nowMs => ({
      state: openUntilMs === undefined ? 'closed' : isCoolingDown(nowMs) ? 'open' : 'half-open',
      consecutiveFailures,
      ...(openUntilMs !== undefined && isCoolingDown(nowMs) && { openUntilMs }),
      ...(lastFailureKind !== undefined && { lastFailureKind }),
    }),
    begin: nowMs => {
      const isProbe = openUntilMs !== undefined && !isCoolingDown(nowMs) && !probing;
      if (isProbe) probing = true;
      return outcome => {
        if (isProbe) probing = false;
        if (outcome === 'success') close();
        else if (outcome !== 'abort') record({ failure: outcome, isProbe });
      };
    },
  };
}

/** The breakers of a composite, one per model object; an entry lives as long as its model. Without settings none ever opens. */
export function createCircuitBreakers({
  settings,
  ...others
}: Omit<Parameters<typeof createCircuitBreaker>[0], 'settings'> & {
  readonly settings: CircuitBreakerSettings | undefined;
}): (identity: object) => CircuitBreaker {
  if (settings === undefined) return () => alwaysClosed;
  const options = { ...others, settings };
  const breakers = new WeakMap<object, CircuitBreaker>();
  return identity => {
    let breaker = breakers.get(identity);
    if (breaker === undefined) {
      breaker = createCircuitBreaker(options);
      breakers.set(identity, breaker);
    }
    return breaker;
  };
}

function ignore(): void {}
