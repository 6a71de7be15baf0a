/** Makes a value when it is first asked for, and keeps it: schemas take a millisecond each, and most programs need few. */
export function lazily<VALUE>(make: () => VALUE): () => VALUE {
  let made: { readonly value: VALUE } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
