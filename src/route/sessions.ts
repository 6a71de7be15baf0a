/** Which candidate served a session last, for conversations whose history does not show it. */
export type Sessions = {
  readonly served: (session: SessionKey) => string | undefined;
  readonly record: (session: SessionKey & { readonly candidate: string }) => void;
};

/** A session on one route. */
export type SessionKey = { readonly task: string; readonly sessionId: string };

/** Makes an empty memory, bounded: the session that was served longest ago is forgotten first. */
export function createSessions({ maxEntries }: { readonly maxEntries: number }): Sessions {
  const candidates = new Map<string, string>();
  const keyOf = ({ task, sessionId }: SessionKey) => `${task}\n${sessionId}`;
  return {
    served: session => candidates.get(keyOf(session)),
    record: ({ candidate, ...session }) => {
      const key = keyOf(session);
      // Taken out first, so that the map's order is that of the last use.
      candidates.delete(key);
      candidates.set(key, candidate);
      if (candidates.size <= maxEntries) return;
      for (const oldest of candidates.keys()) {
        candidates.delete(oldest);
        break;
      }
    },
  };
}
