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
  // Two maps, the older dropped when the younger is full: taking the oldest out of one map walks over what was taken before.
  let younger = new Map<string, string>();
  let older = new Map<string, string>();
  const keyOf = ({ task, sessionId }: SessionKey) => `${task}\n${sessionId}`;
  return {
    served: session => {
      const key = keyOf(session);
      return younger.get(key) ?? older.get(key);
    },
    record: ({ candidate, ...session }) => {
      if (session.sessionId === '' || session.sessionId.length > longestId) return;
      if (younger.size === maxEntries) {
        older = younger;
        younger = new Map();
      }
      younger.set(keyOf(session), candidate);
    },
  };
}
