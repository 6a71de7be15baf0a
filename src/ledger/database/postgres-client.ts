import type { PostgresClient } from '../../postgres/client.ts';
import type { Row, Statement } from './database.ts';

/** Sends a statement by whichever way the client has, and gives its rows. */
export async function send({
  client,
  statement: { text, values },
}: {
  readonly client: PostgresClient;
  readonly statement: Statement;
}): Promise<ReadonlyArray<Row>> {
  // As texts, which every client passes on as they are; Postgres knows from the statement what they mean.
  const texts = values.map(String);
  // Neon has an `unsafe` too, which is something else.
  const answer = 'query' in client ? await client.query(text, texts) : await client.unsafe(text, texts);
  const rows: unknown = Array.isArray(answer) ? answer : Reflect.get(Object(answer), 'rows');
  return Array.isArray(rows) ? [...rows] : [];
}
