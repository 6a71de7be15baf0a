import { failureKinds } from '../../failure/failure-kind.ts';
import type { Memory, Mirror } from '../breakers/breaker-memory.ts';
import { takeOver } from '../breakers/take-over.ts';
import type { Health, Observation } from '../store.ts';
import { atMost } from './at-most.ts';
import type { Connection } from './connection.ts';
import { createReturnLease } from './return-lease.ts';
import { isPromise, type OutageObservers, whenAnswered } from './store-link.ts';

/** What is known of a key is kept for an hour after it was last told of, and as long as it is open. */
const keptMs = 3_600_000;
/** How long a probe waits for leave; then it goes by what this process knows. */
const askMs = 100;
/** What others are seen to probe is theirs until it is read again. */
const othersProbeMs = 2_000;

/** A breaker's tie to its key in a store, and what is under way between them. */
type Tie = {
  readonly memory: Memory;
  readonly key: string;
  readonly connection: Connection;
  readonly observers: OutageObservers;
  /** What was taken over last. */
  adopted: Health | undefined;
  /** Tellings under way. */
  underWay: number;
  /** Something was told that the store never got. */
  isUntold: boolean;
  lease: { readonly token: string; readonly untilMs: number } | undefined;
  isAsking: boolean;
  /** The token of a probe that has ended, until that is told. */
  endedProbe: string | undefined;
};

/** Ties one breaker to its key in a store: tells what happens here, and takes over what happened elsewhere. */
export function createMirror(ends: Pick<Tie, 'memory' | 'key' | 'connection' | 'observers'>): Mirror & {
  /** Takes over what was seen of it last. */
  readonly update: () => void;
} {
  const tie: Tie = {
    ...ends,
    adopted: undefined,
    underWay: 0,
    isUntold: false,
    lease: undefined,
    isAsking: false,
    endedProbe: undefined,
  };
  const lease = createReturnLease(ends);
  const { failureThreshold: threshold } = ends.memory.options.settings;
  return {
    update: () => update(tie),
    failed: failure => tell({ tie, observation: { type: 'failure', threshold, ...failure } }),
    proved: openings => {
      const { adopted, underWay } = tie;
      // While nothing speaks against it, which is nearly always, nobody has to be told.
      const isClean = adopted !== undefined && adopted.failures === 0 && !adopted.isOpen;
      if (!isClean || underWay > 0) tell({ tie, observation: { type: 'success', openings } });
    },
    wasReset: () => {
      tell({ tie, observation: { type: 'reset' } });
      lease.returnEnded(true);
    },
    askForProbe: () => askForProbe(tie),
    isAsking: () => tie.isAsking,
    probeEnded: () => probeEnded(tie),
    ...lease,
  };
}

function update(tie: Tie): void {
  const { connection, key, underWay, isUntold } = tie;
  const { link, view } = connection;
  if (underWay > 0) return;
  if (isUntold) {
    if (!link.isAway()) tellAgain(tie);
    return;
  }
  const seen = view.seen(key);
  if (seen !== undefined) adopt({ tie, ...seen });
}

function adopt({
  tie,
  health,
  atMs,
}: {
  readonly tie: Tie;
  readonly health: Health;
  readonly atMs: number;
}): void {
  if (health === tie.adopted) return;
  tie.adopted = health;
  const { memory, lease } = tie;
  const nowMs = memory.options.clock.now();
  const isOthersProbe = health.isProbing && (lease === undefined || lease.untilMs <= nowMs);
  takeOver({
    memory,
    nowMs,
    known: {
      consecutiveFailures: health.failures,
      cooldowns: health.cooldowns,
      openings: health.openings,
      openUntilMs: health.isOpen ? atMs + health.openForMs : undefined,
      lastFailureKind: failureKinds.find(kind => kind === health.lastFailureKind),
      othersProbeUntilMs: isOthersProbe ? nowMs + othersProbeMs : 0,
    },
  });
}

function tell({ tie, observation }: { readonly tie: Tie; readonly observation: Observation }): void {
  const { memory, key, connection, observers, endedProbe: token } = tie;
  const { link, store, view, timeoutMs } = connection;
  tie.endedProbe = undefined;
  tie.underWay += 1;
  const keepMs = keptMs + (observation.type === 'failure' ? observation.cooldownMs : 0);
  const work = () => store.observe({ key, observation, keepMs, ...(token !== undefined && { token }) });
  void whenAnswered({
    answer: link.ask({ work, limitMs: timeoutMs, observers }),
    next: reply => {
      tie.underWay -= 1;
      if (reply.isAway) {
        tie.isUntold = true;
        return;
      }
      view.take({ key, health: reply.value });
      if (tie.underWay === 0) adopt({ tie, health: reply.value, atMs: memory.options.clock.now() });
    },
  });
}

/** Tells what this process found out while the store was away. */
function tellAgain(tie: Tie): void {
  tie.isUntold = false;
  const { openUntilMs, consecutiveFailures, lastFailureKind = 'unknown', options } = tie.memory;
  if (openUntilMs === undefined) return;
  tell({
    tie,
    observation: {
      type: 'failure',
      failures: consecutiveFailures,
      threshold: options.settings.failureThreshold,
      isOpening: true,
      cooldownMs: Math.max(1, openUntilMs - options.clock.now()),
      kind: lastFailureKind,
    },
  });
}

function askForProbe(tie: Tie): Promise<void> | undefined {
  const { memory, key, connection, observers } = tie;
  const { link, store, timeoutMs } = connection;
  const { clock, settings } = memory.options;
  const { maxCooldownMs: leaseMs } = settings;
  const nowMs = clock.now();
  if (tie.isAsking || (tie.lease !== undefined && tie.lease.untilMs > nowMs)) return undefined;
  const token = crypto.randomUUID();
  tie.isAsking = true;
  const answered = whenAnswered({
    answer: link.ask({
      work: () => store.tryProbe({ key, token, leaseMs }),
      limitMs: timeoutMs,
      observers,
    }),
    next: reply => {
      tie.isAsking = false;
      // Where the store is away this process goes by what it knows.
      if (reply.isAway || reply.value) tie.lease = { token, untilMs: nowMs + leaseMs };
      else memory.othersProbeUntilMs = clock.now() + othersProbeMs;
    },
  });
  if (!isPromise(answered)) return undefined;
  return atMost({ answer: answered, limitMs: askMs, clock }).then(() => {
    tie.isAsking = false;
  });
}

function probeEnded(tie: Tie): void {
  if (tie.lease === undefined) return;
  const { token } = tie.lease;
  tie.lease = undefined;
  tie.endedProbe = token;
  // What became of the probe is told in this turn, and takes the token with it; unless there is nothing to tell.
  queueMicrotask(() => {
    if (tie.endedProbe === token) tell({ tie, observation: { type: 'abort' } });
  });
}
