import type { CallRow } from '../rows/call-row.ts';

/** One value of a row, or of a statement's parameters. */
export type Value = string | number | null;

/** A row as a database gives it. */
export type Row = Readonly<Record<string, unknown>>;

/** A statement with its parameters, which are `$1`, `$2` and so on in its text. */
export type Statement = { readonly text: string; readonly values: ReadonlyArray<Value> };

/** The few things that SQLite and Postgres say in different words. */
export type Dialect = {
  /** The value of a tag, by the parameter that has its name. */
  readonly tagOf: (options: { readonly tags: string; readonly name: string }) => string;
  /** A table of all tags, `tag.key` and `tag.value`. */
  readonly eachTag: (tags: string) => string;
  /** `YYYY-MM-DD` of a number of days since the epoch. */
  readonly dayOf: (days: string) => string;
  /** `YYYY-MM` of a number of days since the epoch. */
  readonly monthOf: (days: string) => string;
};

/** Where a ledger is kept. */
export type Database = {
  readonly dialect: Dialect;
  readonly query: (statement: Statement) => Promise<ReadonlyArray<Row>>;
  /** Writes calls, each once: one that is there already is left as it is. All of them or none. */
  readonly insert: (calls: ReadonlyArray<CallRow>) => Promise<void>;
  /** The same at once, for the last moment of a process; undefined where a database cannot. */
  readonly insertNow?: (calls: ReadonlyArray<CallRow>) => void;
  /** True where an error of `insert` is about the rows themselves, so that trying again is no use; else it is away. */
  readonly refuses: (error: unknown) => boolean;
  readonly close: () => Promise<void>;
};
