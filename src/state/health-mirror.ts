import { failureKinds } from '../failure/failure-kind.ts';
import { atMost } from './at-most.ts';
import type { Memory, Mirror } from './breaker-memory.ts';
import type { Connection } from './connection.ts';
import type { Health, Observation } from './store.ts';
import { isPromise, type OutageObservers, whenAnswered } from './store-link.ts';
import { takeOver } from './take-over.ts';

/** What is known of a key is kept for an hour after it was last told of, and as long as it is open. */
const keptMs = 3_600_000;
/** How long a probe waits for leave; then it goes by what this process knows. */
const askMs = 100;
/** What others are seen to probe is theirs until it is read again. */
const othersProbeMs = 2_000;

/** Ties one breaker to its key in a store: tells what happens here, and takes over what happened elsewhere. */
export function createMirror({
  memory,
  key,
  connection,
  observers,
}: {
  readonly memory: Memory;
  readonly key: string;
  readonly connection: Connection;
  readonly observers: OutageObservers;
}): Mirror & {
  /** Takes over what was seen of it last. */
  readonly update: () => void;
} {
  const { link, store, view, timeoutMs } = connection;
  const { clock, settings } = memory.options;
  const { failureThreshold: threshold, maxCooldownMs: leaseMs } = settings;
  let adopted: Health | undefined;
  /** Tellings under way. */
  let underWay = 0;
  /** Something was told that the store never got. */
  let isUntold = false;
  let lease: { readonly token: string; readonly untilMs: number } | undefined;
  let isAsking = false;
  /** The token of a probe that has ended, until that is told. */
  let endedProbe: string | undefined;

  const adopt = ({ health, atMs }: { readonly health: Health; readonly atMs: number }): void => {
    if (health === adopted) return;
    adopted = health;
    const nowMs = clock.now();
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
  };

  const tell = (observation: Observation): void => {
    const token = endedProbe;
    endedProbe = undefined;
    underWay += 1;
    const keepMs = keptMs + (observation.type === 'failure' ? observation.cooldownMs : 0);
    const work = () => store.observe({ key, observation, keepMs, ...(token !== undefined && { token }) });
    void whenAnswered({
      answer: link.ask({ work, limitMs: timeoutMs, observers }),
      next: reply => {
        underWay -= 1;
        if (reply.isAway) {
          isUntold = true;
          return;
        }
        view.take({ key, health: reply.value });
        if (underWay === 0) adopt({ health: reply.value, atMs: clock.now() });
      },
    });
  };

  /** What this process found out while the store was away. */
  const tellAgain = (): void => {
    isUntold = false;
    const { openUntilMs, consecutiveFailures, lastFailureKind = 'unknown' } = memory;
    if (openUntilMs === undefined) return;
    const cooldownMs = Math.max(1, openUntilMs - clock.now());
    tell({
      type: 'failure',
      failures: consecutiveFailures,
      threshold,
      isOpening: true,
      cooldownMs,
      kind: lastFailureKind,
    });
  };

  return {
    update: () => {
      if (underWay > 0) return;
      if (isUntold && !link.isAway()) return tellAgain();
      if (isUntold) return;
      const seen = view.seen(key);
      if (seen !== undefined) adopt(seen);
    },
    failed: failure => tell({ type: 'failure', threshold, ...failure }),
    proved: openings => {
      // While nothing speaks against it, which is nearly always, nobody has to be told.
      const isClean = adopted !== undefined && adopted.failures === 0 && !adopted.isOpen;
      if (!isClean || underWay > 0) tell({ type: 'success', openings });
    },
    wasReset: () => tell({ type: 'reset' }),
    askForProbe: () => {
      const nowMs = clock.now();
      if (isAsking || (lease !== undefined && lease.untilMs > nowMs)) return undefined;
      const token = crypto.randomUUID();
      isAsking = true;
      const answered = whenAnswered({
        answer: link.ask({
          work: () => store.tryProbe({ key, token, leaseMs }),
          limitMs: timeoutMs,
          observers,
        }),
        next: reply => {
          isAsking = false;
          // Where the store is away this process goes by what it knows.
          if (reply.isAway || reply.value) lease = { token, untilMs: nowMs + leaseMs };
          else memory.othersProbeUntilMs = clock.now() + othersProbeMs;
        },
      });
      if (!isPromise(answered)) return undefined;
      return atMost({ answer: answered, limitMs: askMs, clock }).then(() => {
        isAsking = false;
      });
    },
    isAsking: () => isAsking,
    probeEnded: () => {
      if (lease === undefined) return;
      const { token } = lease;
      lease = undefined;
      endedProbe = token;
      // What became of the probe is told in this turn, and takes the token with it; unless there is nothing to tell.
      queueMicrotask(() => {
        if (endedProbe === token) tell({ type: 'abort' });
      });
    },
  };
}
