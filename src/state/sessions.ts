import { createNotes } from './notes.ts';
import type { SharedNotes } from './shared-notes.ts';
import { isPromise } from './store-link.ts';

/** Which candidate served a session last, for conversations whose history does not show it. */
export type Sessions = {
  readonly served: (session: SessionKey) => string | undefined;
  readonly record: (session: SessionKey & { readonly candidate: string }) => void;
  /** Finds out who served a session in another process, where this one does not know; a promise where that takes a while. */
  readonly find: (session: SessionKey) => Promise<void> | undefined;
};

/** A session on one route. */
export type SessionKey = { readonly task: string; readonly sessionId: string };

/** Longer names are not remembered, so that nobody fills the memory with a few of them. */
const longestId = 256;

/**
 * Makes an empty memory, bounded: it has the sessions that were served last, `maxEntries` of them at least and twice as many
 * at most. An empty `sessionId` is not remembered.
 */
export function createSessions({
  maxEntries,
  notes: shared,
}: {
  readonly maxEntries: number;
  /** Those of all processes; undefined where there are none. */
  readonly notes?: (() => SharedNotes | undefined) | undefined;
}): Sessions {
  const notes = createNotes({ maxEntries: 2 * maxEntries });
  const isKept = ({ sessionId }: SessionKey) => sessionId !== '' && sessionId.length <= longestId;
  return {
    served: session => notes.read(keyOf(session)),
    record: ({ candidate, ...session }) => {
      if (!isKept(session)) return;
      const key = keyOf(session);
      if (shared !== undefined && notes.read(key) !== candidate)
        shared()?.write({ key: `session/${key}`, value: candidate });
      notes.write({ key, value: candidate });
    },
    find: session => {
      const key = keyOf(session);
      if (shared === undefined || !isKept(session)) return undefined;
      const known = notes.read(key);
      const keep = (value: string | undefined): undefined => {
        if (value !== undefined && notes.read(key) === known) notes.write({ key, value });
      };
      const answer = shared()?.read(`session/${key}`);
      if (!isPromise(answer)) return keep(answer);
      const found = Promise.resolve(answer).then(keep);
      // What is known here may have changed elsewhere; the next call will know.
      return known === undefined ? found : undefined;
    },
  };
}

function keyOf({ task, sessionId }: SessionKey): string {
  return `${task}\n${sessionId}`;
}
