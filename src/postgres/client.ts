/** A client with `query(text, values)`: a Pool or Client of `pg`, PGlite, Neon's `neon(url)`. */
export type QueryClient = {
  /** Sends one statement; answers its rows, alone or in an object. */
  readonly query: (text: string, values?: string[]) => PromiseLike<unknown>;
};

/** A client as `postgres` (postgres.js) has it. */
export type UnsafeClient = {
  /** Sends one statement; answers its rows. */
  readonly unsafe: (text: string, values?: string[]) => PromiseLike<unknown>;
};

/** A client that the user has, taken by its shape. */
export type PostgresClient = QueryClient | UnsafeClient;

/** Sends one statement that answers one text, or nothing. */
export type RunStatement = (statement: {
  readonly text: string;
  readonly values: ReadonlyArray<string>;
}) => Promise<string | undefined>;

/** True for a client that can send statements. */
export function isPostgresClient(value: unknown): value is PostgresClient {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  return (
    typeof Reflect.get(value, 'query') === 'function' || typeof Reflect.get(value, 'unsafe') === 'function'
  );
}

/** Sends statements through whichever client it is. */
export function createRunStatement(client: PostgresClient): RunStatement {
  const send = (text: string, values: string[]) =>
    'query' in client && typeof client.query === 'function'
      ? client.query(text, values)
      : 'unsafe' in client
        ? client.unsafe(text, values)
        : undefined;
  return async ({ text, values }) => firstText(await send(text, [...values]));
}

/** Clients answer rows, or an object with rows. */
function firstText(result: unknown): string | undefined {
  const rows: unknown = Array.isArray(result) ? result : Reflect.get(Object(result), 'rows');
  const row: unknown = Array.isArray(rows) ? rows[0] : undefined;
  const answer: unknown = typeof row === 'object' && row !== null ? Reflect.get(row, 'answer') : undefined;
  return typeof answer === 'string' ? answer : undefined;
}
