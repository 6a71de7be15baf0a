/** Names, each said once and then by its place. */
export type Names = {
  readonly list: ReadonlyArray<string>;
  /** The place of a name, which is put at the end if it is new. */
  readonly add: (name: unknown) => number;
};

/** Makes an empty list. */
export function createNames(): Names {
  const list: string[] = [];
  const places = new Map<string, number>();
  return {
    list,
    add: name => {
      const text = String(name);
      const known = places.get(text);
      if (known !== undefined) return known;
      places.set(text, list.length);
      return list.push(text) - 1;
    },
  };
}
