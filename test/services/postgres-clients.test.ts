import { PGlite } from '@electric-sql/pglite';
import { neon, neonConfig } from '@neondatabase/serverless';
import { Pool } from 'pg';
import postgres from 'postgres';
import { afterAll, describe, expect, test } from 'vitest';
import { postgresState, postgresStateSql } from '../../src/postgres/index.ts';
import { stateStoreCases } from '../../src/testing/index.ts';
import { startNeonFace } from './neon-face.ts';
import { startPostgres } from './postgres-server.ts';

const server = await startPostgres();
const face = await startNeonFace({ url: server.url });
neonConfig.fetchEndpoint = face.endpoint;

const pool = new Pool({ connectionString: server.url, max: 20 });
const postgresJs = postgres(server.url, { max: 20, onnotice: () => undefined });
const neonHttp = neon('postgresql://user:password@neon.test/neondb');
const pglite = new PGlite();

afterAll(async () => {
  await face.stop();
  await Promise.all([pool.end(), postgresJs.end(), pglite.close()]);
  await server.stop();
});

const clients = {
  pg: { client: pool, prefix: 'through_pg' },
  'postgres.js': { client: postgresJs, prefix: 'through_postgres_js' },
  "Neon's HTTP": { client: neonHttp, prefix: 'through_neon' },
  PGlite: { client: pglite, prefix: 'through_pglite' },
};

for (const [client, settings] of Object.entries(clients)) {
  const store = postgresState({ ...settings, timeoutMs: 10_000 });
  describe.concurrent(`Postgres through ${client}`, () => {
    for (const { name, run } of stateStoreCases({ open: () => store })) test(name, run);
  });
}

test('many processes may make the tables at the same time', async () => {
  const stores = Array.from({ length: 10 }, () =>
    postgresState({ client: pool, schema: 'of_its_own', prefix: 'together' }),
  );
  await Promise.all(
    stores.map((store, index) => store.writeNote({ key: 'k', value: `${index}`, keepMs: 60_000 })),
  );
  expect(Number(await stores[0]?.readNote('k'))).toBeLessThan(10);
});

test('somebody else may make the tables, for a user who may not', async () => {
  await pool.query(postgresStateSql({ prefix: 'given' }));
  await pool.query(postgresStateSql({ prefix: 'given' }));
  await pool.query(
    'create role poor login; grant select, insert, update, delete on all tables in schema public to poor',
  );
  const poor = new Pool({ connectionString: server.url.replace('postgres@', 'poor@') });
  const store = postgresState({ client: poor, prefix: 'given', migrate: false });
  const claims = [{ scope: 'day', amount: 3n, limit: 5n, keepMs: 60_000 }];
  expect((await store.hold({ id: 'one', claims, leaseMs: 1_000 })).outcome).toBe('held');
  expect((await store.hold({ id: 'two', claims, leaseMs: 1_000 })).outcome).toBe('denied');
  await expect(postgresState({ client: poor, prefix: 'not_given' }).health(['key'])).rejects.toThrow(
    /permission denied/,
  );
  await poor.end();
});

test('a strict database, which ends one of two that meet, loses nothing', async () => {
  const strict = new Pool({
    connectionString: server.url,
    max: 4,
    options: '-c default_transaction_isolation=serializable',
  });
  const store = postgresState({ client: strict, prefix: 'strict' });
  const claims = [{ scope: 'day', amount: 1n, keepMs: 60_000 }];
  const all = await Promise.allSettled(
    Array.from({ length: 12 }, (_, index) => store.hold({ id: `${index}`, claims, leaseMs: 60_000 })),
  );
  const held = all.filter(({ status }) => status === 'fulfilled').length;
  const [standing] = await store.standings([{ scope: 'day' }]);
  expect(standing?.used).toBe(BigInt(held));
  await strict.end();
});
