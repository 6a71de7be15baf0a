import type { SharedNotes } from '../shared/shared-notes.ts';
import { readWhereabouts, type Whereabouts, writeWhereabouts } from './away.ts';
import { createNotes } from './notes.ts';

/** Which candidate served a session last, and why it was not the one at home, for conversations whose history does not show it. */
export type Sessions = {
  readonly served: (session: SessionKey) => Whereabouts | undefined;
  readonly record: (session: SessionKey & Pick<Whereabouts, 'candidate'> & Partial<Whereabouts>) => void;
  /** Takes over what another process has written of a session. */
  readonly takeOver: (session: SessionKey & { readonly note: string }) => void;
  /** The key of a session; undefined where it is not remembered. */
  readonly keyOf: (session: SessionKey) => string | undefined;
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
  return {
    served: session => {
      const note = notes.read(nameOf(session));
      return note === undefined ? undefined : readWhereabouts(note);
    },
    record: ({ task, sessionId, candidate, away = '' }) => {
      const key = keyOf({ task, sessionId });
      if (key === undefined) return;
      const value = writeWhereabouts({ candidate, away });
      if (shared !== undefined && notes.read(key) !== value) shared()?.write({ key, value });
      notes.write({ key, value });
    },
    takeOver: ({ note, ...session }) => notes.write({ key: nameOf(session), value: note }),
    keyOf,
  };
}

function keyOf(session: SessionKey): string | undefined {
  const { length } = session.sessionId;
  return length === 0 || length > longestId ? undefined : nameOf(session);
}

function nameOf({ task, sessionId }: SessionKey): string {
  return `${task}\n${sessionId}`;
}
