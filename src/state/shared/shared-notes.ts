import type { Clock } from '../../boundary/clock.ts';
import type { Answer } from '../store.ts';
import { atMost } from './at-most.ts';
import type { Connection } from './connection.ts';
import { isPromise, type OutageObservers, whenAnswered } from './store-link.ts';

/** Small texts that calls and processes share, for a day. Nothing here throws or rejects. */
export type SharedNotes = {
  /** Reads a note; undefined where there is none, the state is away, or it took longer than 100 ms. */
  readonly read: (key: string) => Answer<string | undefined>;
  /** Writes a note; nobody waits for it. */
  readonly write: (note: { readonly key: string; readonly value: string }) => void;
};

/** A conversation of yesterday is still one. */
const keepMs = 86_400_000;
/** How long a call waits for a note. */
const waitMs = 100;

/** Makes the notes of a composite. */
export function createSharedNotes({
  connection: { link, store, timeoutMs },
  clock,
  observers,
  prefix,
}: {
  readonly connection: Connection;
  readonly clock: Clock;
  readonly observers: OutageObservers;
  readonly prefix: string;
}): SharedNotes {
  return {
    read: key => {
      const answer = whenAnswered({
        answer: link.ask({ work: () => store.readNote(prefix + key), limitMs: timeoutMs, observers }),
        next: reply => (reply.isAway ? undefined : reply.value),
      });
      return isPromise(answer) ? atMost({ answer, limitMs: waitMs, clock }) : answer;
    },
    write: ({ key, value }) => {
      const note = { key: prefix + key, value, keepMs };
      void link.ask({ work: () => store.writeNote(note), limitMs: timeoutMs, observers });
    },
  };
}
