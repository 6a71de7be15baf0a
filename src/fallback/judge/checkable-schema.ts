/** Whose values are data, not schemas. */
const data: ReadonlyArray<string> = ['const', 'enum', 'default', 'examples'];
/** What a regular expression means only with a flag that a schema has no place for. */
const unicodeOnly = /\\[pP]\{|\\u\{/;

/**
 * A JSON schema without what must not turn an answer away: a `format` is a note by the specification, and readers differ in what
 * they take for an address or an id; what a library means by its own format it says in the `pattern` beside it.
 */
export function checkableSchema(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(checkableSchema);
  if (typeof schema !== 'object' || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema).flatMap(([key, value]) => {
      if (typeof value === 'string' && (key === 'format' || (key === 'pattern' && unicodeOnly.test(value))))
        return [];
      return [[key, data.includes(key) ? value : checkableSchema(value)]];
    }),
  );
}
