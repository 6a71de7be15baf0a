/** Where the tables and functions are, and what they begin with. */
export type SchemaNames = { readonly schema: string; readonly prefix: string };

/** The number of this schema. Functions carry it in their names, so that processes of two versions can run at the same time. */
const version = 1;

/** A name as it stands in SQL. */
export function qualified({ schema, prefix }: SchemaNames) {
  return {
    table: (name: string) => `"${schema}"."${prefix}_${name}"`,
    call: (name: string) => `"${schema}"."${prefix}_${name}_v${version}"`,
  };
}

/** What the SQL of the schema is written with. */
export type Words = {
  readonly prefix: string;
  /** A function by its own name. */
  readonly call: (name: string) => string;
  readonly scopes: string;
  readonly slices: string;
  readonly holds: string;
  readonly health: string;
  readonly notes: string;
  /** So many milliseconds, as an interval. */
  readonly milliseconds: (value: string) => string;
  /** When what is kept for so many milliseconds may be forgotten. */
  readonly kept: (value: string) => string;
};

/** Makes the words for a schema. */
export function wordsOf(names: SchemaNames): Words {
  const { table, call } = qualified(names);
  const milliseconds = (value: string) => `(${value}) * interval '1 millisecond'`;
  return {
    prefix: names.prefix,
    call,
    scopes: table('scopes'),
    slices: table('slices'),
    holds: table('holds'),
    health: table('health'),
    notes: table('notes'),
    milliseconds,
    kept: value => `coalesce(clock_timestamp() + ${milliseconds(value)}, 'infinity'::timestamptz)`,
  };
}
