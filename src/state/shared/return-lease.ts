import type { Memory, Mirror } from '../breakers/breaker-memory.ts';
import { returnLeaseMs } from '../breakers/comeback.ts';
import { returningTo, type Settling } from '../breakers/settling.ts';
import type { Answer } from '../store.ts';
import { atMost } from './at-most.ts';
import type { Connection } from './connection.ts';
import { isPromise, type OutageObservers, type Reply, whenAnswered } from './store-link.ts';

/** How long a call waits for what the store says; then it goes by what this process knows. */
const askMs = 100;
/** What others have is theirs until it is asked for again. */
const othersMs = 2_000;

/** What processes tell each other where one conversation has come back and was answered; else when it was in trouble, since the epoch. */
const proven = '1';
/** So long after it was last in trouble everybody has seen for himself how it is. */
const keepMs = 3_600_000;

/** What the lease of one candidate goes by. */
type Ends = {
  readonly memory: Memory;
  /** Of the candidate's health. */
  readonly key: string;
  readonly connection: Connection;
  readonly observers: OutageObservers;
};

type ReturnLease = Pick<Mirror, 'askForReturn' | 'lookForReturn' | 'returnEnded' | 'troubled'>;

/** Makes the lease that processes share, so that of all of them one conversation at a time comes back to a candidate. */
export function createReturnLease({ memory, key: ownKey, connection, observers }: Ends): ReturnLease {
  const { store, link, timeoutMs: limitMs } = connection;
  const {
    settling,
    options: { clock },
  } = memory;
  const key = `${ownKey}/return`;
  let lease: { readonly token: string; readonly untilMs: number } | undefined;
  const ask = <VALUE>(work: () => Answer<VALUE>) => link.ask({ work, limitMs, observers });
  const shortly = (answer: Answer<void>): Promise<void> | undefined =>
    isPromise(answer) ? atMost({ answer, limitMs: askMs, clock }) : undefined;

  const write = (value: string): void => void ask(() => store.writeNote({ key, value, keepMs }));

  const take = (reply: Reply<boolean>, taken: NonNullable<typeof lease>): void => {
    const returning = returningTo(settling);
    returning.isAsking = false;
    // Where the store is away this process goes by what it knows.
    if (reply.isAway || reply.value) lease = taken;
    else returning.othersUntilMs = clock.now() + othersMs;
  };
  return {
    askForReturn: () => {
      const nowMs = clock.now();
      if (lease !== undefined && lease.untilMs > nowMs) return undefined;
      const taken = { token: crypto.randomUUID(), untilMs: nowMs + returnLeaseMs };
      returningTo(settling).isAsking = true;
      const answer = whenAnswered({
        answer: ask(() => store.tryProbe({ key, token: taken.token, leaseMs: returnLeaseMs })),
        next: reply => take(reply, taken),
      });
      return shortly(answer)?.then(() => {
        returningTo(settling).isAsking = false;
      });
    },
    lookForReturn: () => {
      const answer = whenAnswered({
        answer: ask(() => store.readNote(key)),
        next: reply => {
          if (!reply.isAway && reply.value !== undefined)
            hear({ settling, note: reply.value, nowMs: clock.now() });
        },
      });
      return shortly(answer);
    },
    returnEnded: isAnswered => {
      const token = lease?.token;
      lease = undefined;
      const observation = { type: 'abort' } as const;
      if (token !== undefined)
        void ask(() => store.observe({ key, observation, token, keepMs: returnLeaseMs }));
      if (isAnswered) write(proven);
    },
    troubled: nowMs => write(String(nowMs)),
  };
}

/** Goes by what another process has written: one has come back since, or when it was in trouble last. */
function hear({
  settling,
  note,
  nowMs,
}: {
  readonly settling: Settling;
  readonly note: string;
  readonly nowMs: number;
}): void {
  if (note === proven) {
    // Of trouble that was seen here a moment ago the store may not have heard yet.
    const isFresh = !settling.isHearsay && nowMs - settling.wellSinceMs < othersMs;
    if (!isFresh) returningTo(settling).isProven = true;
    return;
  }
  const troubledAtMs = Number(note);
  if (!settling.isHearsay || !(troubledAtMs < settling.wellSinceMs)) return;
  settling.wellSinceMs = troubledAtMs;
  settling.wasInTrouble = true;
}
