/** A small memory of texts by key, the most recently written ones: who served a session, what a conversation is about. */
export type Notes<VALUE extends string = string> = {
  readonly read: (key: string) => VALUE | undefined;
  /** Writes a note, or writes it again, which makes it the latest. */
  readonly write: (note: { readonly key: string; readonly value: VALUE }) => void;
};

/** Makes an empty memory of at most `maxEntries` notes; what was written longest ago goes first. */
export function createNotes<VALUE extends string = string>({
  maxEntries,
}: {
  readonly maxEntries: number;
}): Notes<VALUE> {
  const notes = new Map<string, VALUE>();
  // Kept, because a new one walks over everything that was taken out before. What it has passed is gone, so it stands at the
  // oldest note.
  const oldest = notes.keys();
  return {
    read: key => notes.get(key),
    write: ({ key, value }) => {
      notes.delete(key);
      notes.set(key, value);
      if (notes.size <= maxEntries) return;
      const { value: first } = oldest.next();
      if (first !== undefined) notes.delete(first);
    },
  };
}
