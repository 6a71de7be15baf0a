import type { Row, Statement } from './database.ts';

type Rows = ReadonlyArray<Row>;

/**
 * A client of Postgres as the ledger uses it: `pg` (a `Pool` or a connected `Client`), PGlite and Neon's HTTP have `query`,
 * postgres.js has `unsafe`.
 */
export type PostgresClient =
  | { readonly query: (text: string, values: unknown[]) => PromiseLike<{ readonly rows: Rows } | Rows> }
  | { readonly unsafe: (text: string, values: never[]) => PromiseLike<Rows> };

/** Sends a statement by whichever of the two the client has. */
export async function send({
  client,
  statement: { text, values },
}: {
  readonly client: PostgresClient;
  readonly statement: Statement;
}): Promise<Rows> {
  // Each client copies the list or hands it on; none keeps it.
  if ('unsafe' in client) return [...(await client.unsafe(text, [...values] as never[]))];
  const answer = await client.query(text, [...values]);
  return 'rows' in answer ? answer.rows : answer;
}
