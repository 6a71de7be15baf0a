import { createNotes } from './notes.ts';

/** Which candidate served a session last, for conversations whose history does not show it. */
export type Sessions = {
  readonly served: (session: SessionKey) => string | undefined;
  readonly record: (session: SessionKey & { readonly candidate: string }) => void;
};

/** A session on one route. */
export type SessionKey = { readonly task: string; readonly sessionId: string };

/** Longer names are not remembered, so that nobody fills the memory with a few of them. */
const longestId = 256;

/**
 * Makes an empty memory, bounded: it has the sessions that were served last, `maxEntries` of them at least and twice as many
 * at most. An empty `sessionId` is not remembered.
 */
export function createSessions({ maxEntries }: { readonly maxEntries: number }): Sessions {
  const notes = createNotes({ maxEntries: 2 * maxEntries });
  return {
    served: session => notes.read(keyOf(session)),
    record: ({ candidate, ...session }) => {
      if (session.sessionId === '' || session.sessionId.length > longestId) return;
      notes.write({ key: keyOf(session), value: candidate });
    },
  };
}

function keyOf({ task, sessionId }: SessionKey): string {
  return `${task}\n${sessionId}`;
}
