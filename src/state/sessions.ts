import { createNotes } from './notes.ts';
import type { SharedNotes } from './shared-notes.ts';

/** Which candidate served a session last, for conversations whose history does not show it. */
export type Sessions = {
  readonly served: (session: SessionKey) => string | undefined;
  readonly record: (session: SessionKey & { readonly candidate: string }) => void;
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
    served: session => notes.read(nameOf(session)),
    record: ({ candidate, ...session }) => {
      const key = keyOf(session);
      if (key === undefined) return;
      if (shared !== undefined && notes.read(key) !== candidate) shared()?.write({ key, value: candidate });
      notes.write({ key, value: candidate });
    },
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
