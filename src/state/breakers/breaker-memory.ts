import type { Clock } from '../../boundary/clock.ts';
import type { Failure } from '../../failure/failure.ts';
import type { FailureKind } from '../../failure/failure-kind.ts';
import type { TripSettings } from './breaker-settings.ts';
import { type Settling, settleFrom, unsettle } from './settling.ts';
import { tripEffectOf } from './trip-rule.ts';

/** Kinds that say that the provider is in trouble, rather than this request. */
const signsOfOutage: ReadonlySet<FailureKind> = new Set<FailureKind>([
  'server',
  'overloaded',
  'network',
  'rate-limit',
  'timeout',
]);

/** What the breakers of a composite have in common. */
export type BreakerOptions = {
  readonly settings: TripSettings;
  /** The wait above which a candidate is left out at once. */
  readonly longRetryAfterMs: number;
  readonly clock: Clock;
  readonly random: () => number;
};

/** What ties a breaker to those of other composites and processes, which have the same key in a store. */
export type Mirror = {
  readonly failed: (failure: {
    readonly failures: number;
    /** It opened here, or opened again. */
    readonly isOpening: boolean;
    readonly cooldownMs: number;
    readonly kind: FailureKind;
  }) => void;
  /** Healthy, in a turn that began when it had opened so often. */
  readonly proved: (openings: number) => void;
  readonly wasReset: () => void;
  /** Asks for the one probe that all share; a promise where that takes a while. */
  readonly askForProbe: () => Promise<void> | undefined;
  /** True while that question is under way. */
  readonly isAsking: () => boolean;
  readonly probeEnded: () => void;
  /** Asks for leave to bring a conversation back; a promise where that takes a while. */
  readonly askForReturn: () => Promise<void> | undefined;
  /** It is in trouble, as others should know. */
  readonly troubled: (nowMs: number) => void;
  /** Finds out whether one has come back in another process, or since when it is well; a promise where that takes a while. */
  readonly lookForReturn: () => Promise<void> | undefined;
  readonly returnEnded: (isAnswered: boolean) => void;
};

/** What one breaker knows, and what it goes by. */
export type Memory = {
  readonly options: BreakerOptions & {
    readonly onDoubt: (change: 1 | -1) => void;
    /** Since when this process could have seen trouble. */
    readonly madeAtMs: number;
  };
  /** Undefined where nobody else has this breaker. */
  mirror: Mirror | undefined;
  consecutiveFailures: number;
  cooldowns: number;
  openedAtMs: number;
  openUntilMs: number | undefined;
  lastFailureKind: FailureKind | undefined;
  provenAtMs: number;
  /** The last failure that may be an outage; whether it was one shows once nobody is answered any more. */
  suspicion: { readonly atMs: number; readonly untilMs: number } | undefined;
  /** How often a first output has shown it healthy; tells whether another one came since. */
  proofs: number;
  /** How often it opened while it was closed. */
  openings: number;
  probe: { readonly untilMs: number } | undefined;
  /** Another process probes it, or is taken to. */
  othersProbeUntilMs: number;
  isInDoubt: boolean;
  readonly settling: Settling;
};

/** What a first output ended. */
export type Proven = {
  readonly proof: number;
  readonly failures: number;
  readonly cooldowns: number;
  readonly wasOpen: boolean;
};

/** A first output: closes, unless it opened since this call began; undefined where there was nothing to end. */
export function prove({
  memory,
  openingsBefore,
}: {
  readonly memory: Memory;
  readonly openingsBefore: number;
}): Proven | undefined {
  memory.provenAtMs = memory.options.clock.now();
  memory.mirror?.proved(openingsBefore);
  const wasOpen = memory.openUntilMs !== undefined;
  // A provider that turns new calls away may still finish those it took before.
  if (wasOpen && memory.openings !== openingsBefore) return undefined;
  memory.proofs += 1;
  const { proofs: proof, consecutiveFailures: failures, cooldowns } = memory;
  if (failures === 0 && !wasOpen) return undefined;
  if (wasOpen) settleFrom({ settling: memory.settling, nowMs: memory.provenAtMs, isHearsay: false });
  close(memory);
  return { proof, failures, cooldowns, wasOpen };
}

/** A turn that ended without an answer, or whose answer broke off. */
export function fail({
  memory,
  failure,
  isProbe,
  takenBack,
}: {
  readonly memory: Memory;
  readonly failure: Failure;
  readonly isProbe: boolean;
  /** Failures before it that a first output had ended too soon. */
  readonly takenBack: number;
}): void {
  const { settings, longRetryAfterMs, clock } = memory.options;
  const nowMs = clock.now();
  const isLongWait = failure.retryAfterMs !== undefined && failure.retryAfterMs > longRetryAfterMs;
  const own = tripEffectOf(failure);
  const effect = isLongWait && own !== 'none' ? 'open' : own;
  if (effect === 'none') return;
  memory.consecutiveFailures += 1;
  memory.lastFailureKind = failure.kind;
  if (unsettle({ settling: memory.settling, nowMs })) memory.mirror?.troubled(nowMs);
  const isClosed = memory.openUntilMs === undefined;
  const opensNow = isClosed && (effect === 'open' || memory.consecutiveFailures >= settings.failureThreshold);
  const askedMs = isLongWait ? failure.retryAfterMs : undefined;
  const cooldownMs =
    askedMs === undefined ? nextCooldownMs(memory) : Math.min(askedMs, settings.maxRetryAfterMs);
  const untilMs = nowMs + cooldownMs;
  // Calls that started before it opened must not lengthen the cooldown: only its probe does, or a longer wait asked for.
  const isOpening = opensNow || isProbe || isLongWait;
  if (isOpening) open({ memory, atMs: nowMs, untilMs });
  else if (isClosed && signsOfOutage.has(failure.kind)) memory.suspicion = { atMs: nowMs, untilMs };
  updateDoubt(memory);
  memory.mirror?.failed({ failures: 1 + takenBack, isOpening, cooldownMs, kind: failure.kind });
}

function open({
  memory,
  atMs,
  untilMs,
}: {
  readonly memory: Memory;
  readonly atMs: number;
  readonly untilMs: number;
}): void {
  if (memory.openUntilMs === undefined) memory.openings += 1;
  memory.cooldowns = Math.min(memory.cooldowns + 1, 30);
  memory.openUntilMs = isCoolingDown({ memory, nowMs: atMs })
    ? Math.max(memory.openUntilMs ?? 0, untilMs)
    : untilMs;
  memory.openedAtMs = atMs;
  memory.suspicion = undefined;
  updateDoubt(memory);
}

/** Closes; nothing speaks against it any more. */
export function close(memory: Memory): void {
  memory.consecutiveFailures = 0;
  memory.cooldowns = 0;
  memory.openUntilMs = undefined;
  memory.suspicion = undefined;
  updateDoubt(memory);
}

/** In little traffic one failed call is all there is to go by, once time has shown that nobody else is answered. */
export function openIfQuiet({ memory, nowMs }: At): void {
  const { suspicion, provenAtMs, options } = memory;
  if (suspicion === undefined || nowMs - provenAtMs < options.settings.quietMs) return;
  open({ memory, ...suspicion });
  const { lastFailureKind: kind = 'unknown', mirror } = memory;
  const cooldownMs = suspicion.untilMs - nowMs;
  if (cooldownMs > 0) mirror?.failed({ failures: 0, isOpening: true, cooldownMs, kind });
}

/** Tells when it comes into doubt, or out of it. */
export function updateDoubt(memory: Memory): void {
  const isNow = memory.openUntilMs !== undefined || memory.suspicion !== undefined;
  if (isNow !== memory.isInDoubt) memory.options.onDoubt(isNow ? 1 : -1);
  memory.isInDoubt = isNow;
}

/** True while a probe is under way and not for too long. */
export function isProbing({ memory: { probe, othersProbeUntilMs, mirror }, nowMs }: At): boolean {
  if (probe !== undefined && nowMs < probe.untilMs) return true;
  return mirror !== undefined && (nowMs < othersProbeUntilMs || mirror.isAsking());
}

/** True while it is open and no probe is due yet. */
export function isCoolingDown({ memory: { openUntilMs, openedAtMs }, nowMs }: At): boolean {
  // Before it was opened: the clock was set back, and the candidate would be left out for as long as that.
  return openUntilMs !== undefined && openUntilMs > nowMs && nowMs >= openedAtMs;
}

function nextCooldownMs({ options: { settings, random }, cooldowns }: Memory): number {
  const boundMs = Math.min(settings.maxCooldownMs, settings.cooldownMs * 2 ** cooldowns);
  // Jitter takes away, never adds: the bound is a promise.
  return boundMs * (0.75 + random() / 4);
}

type At = { readonly memory: Memory; readonly nowMs: number };
