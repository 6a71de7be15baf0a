import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { postgresState, postgresStateSql } from '../../src/postgres/index.ts';
import { stateStoreCases } from '../../src/testing/index.ts';

const client = new PGlite();
beforeAll(() => client.waitReady, 60_000); // a busy machine takes its time to start it
afterAll(() => client.close());

// The clients, and a server on which statements meet, are tested by `npm run test:services`.
describe.concurrent('a store in Postgres', () => {
  const store = postgresState({ client, timeoutMs: 10_000 });
  for (const { name, run } of stateStoreCases({ open: () => store })) test(name, run);
});

describe('the settings of a store in Postgres', () => {
  test('a client that is none is refused with the fix', () => {
    // @ts-expect-error a connection string is no client
    expect(() => postgresState({ client: 'postgres://localhost' })).toThrow(
      'Invalid postgresState.client: must be a client with query(text, values), or of postgres.js, such as new Pool() (got "postgres://localhost").',
    );
  });

  test.each(['', 'With Capitals', 'a"b', 'x'.repeat(31)])('a prefix such as %j is refused', prefix => {
    expect(() => postgresStateSql({ prefix })).toThrow('must be a name of up to 30 small letters');
  });

  test('the SQL is one statement with the names that were asked for', () => {
    const sql = postgresStateSql({ schema: 'mine', prefix: 'ours' });
    expect(sql).toContain('create table if not exists "mine"."ours_scopes"');
    expect(sql).not.toContain('ai_composite');
    expect(sql).toMatch(/^do \$migration\$\n[\s\S]*end \$migration\$$/);
  });
});
