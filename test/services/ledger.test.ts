import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { neon, neonConfig } from '@neondatabase/serverless';
import { Pool } from 'pg';
import postgres from 'postgres';
import { afterAll, expect, test } from 'vitest';
import { type LedgerProblem, openLedger, type PostgresClient } from '../../src/ledger/index.ts';
import { callEnd } from '../ledger/calls.ts';
import { startNeonFace } from './neon-face.ts';
import { startPostgres } from './postgres-server.ts';

const server = await startPostgres();
const face = await startNeonFace({ url: server.url });
neonConfig.fetchEndpoint = face.endpoint;
const pool = new Pool({ connectionString: server.url, max: 5 });
const postgresJs = postgres(server.url, { max: 5, onnotice: () => undefined });

afterAll(async () => {
  await face.stop();
  await Promise.all([pool.end(), postgresJs.end()]);
  await server.stop();
});

const from = 0;

function write(name: string, count: number): ChildProcess {
  return fork(path.join(import.meta.dirname, 'ledger-process.ts'), [server.url, name, String(count)], {
    execArgv: ['--conditions=ai-composite-source', '--no-warnings'],
  });
}

test('eight processes that begin at once write one ledger, each call once', async () => {
  const writers = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map(name => write(name, 500));
  expect(await Promise.all(writers.map(async child => (await once(child, 'exit'))[0]))).toEqual(
    Array(8).fill(0),
  );
  const ledger = await openLedger({ postgres: pool });
  // 450 of each alone, and 50 that all of them tell.
  expect(await ledger.spend({ from })).toMatchObject([{ calls: 3_650, usdExact: '7.3' }]);
  const byWriter = await ledger.spend({ from, by: ['tag:writer'] });
  expect(byWriter.map(row => [row['tag:writer'], row.calls])).toEqual([
    ...['a'].map(name => [name, 450]),
    ['all', 50],
    ...['b', 'c', 'd', 'e', 'f', 'g', 'h'].map(name => [name, 450]),
  ]);
  await ledger.close();
});

test('a process killed in the middle leaves whole calls, and sums that are theirs', async () => {
  const child = write('killed', 5_000);
  await once(child, 'message');
  const ledger = await openLedger({ postgres: pool });
  await expect
    .poll(async () => (await ledger.calls({ from, where: { tags: { writer: 'killed' } }, limit: 1 })).length)
    .toBe(1);
  child.kill('SIGKILL');
  await once(child, 'exit');
  const calls = await ledger.calls({ from, where: { tags: { writer: 'killed' } }, limit: 10_000 });
  expect(calls.every(({ attempts }) => attempts.length === 1)).toBe(true);
  expect(await ledger.spend({ from, where: { tags: { writer: 'killed' } } })).toMatchObject([
    { calls: calls.length, attempts: calls.length },
  ]);
  await ledger.close();
});

const clients: Readonly<Record<string, PostgresClient>> = {
  pg: pool,
  'postgres.js': postgresJs,
  "Neon's HTTP": neon('postgresql://user:password@neon.test/neondb'),
};

test.each(Object.entries(clients))('is written and read through %s', async (name, client) => {
  const ledger = await openLedger({ postgres: client });
  ledger.onCallEnd(callEnd({ id: `through ${name}`, tags: { through: name } }));
  await ledger.flush();
  const where = { tags: { through: name } };
  expect(await ledger.spend({ from, by: ['month'], where })).toMatchObject([
    { month: '2026-11', usdExact: '0.002' },
  ]);
  expect(await ledger.reliability({ from, where })).toMatchObject([{ calls: 1, successRate: 1 }]);
  expect(await ledger.calls({ from, where })).toMatchObject([
    { callId: `through ${name}`, attempts: [{ n: '1' }] },
  ]);
  await ledger.close();
});

test('a server that is away for a while loses no call', async () => {
  const other = await startPostgres();
  const own = new Pool({ connectionString: other.url, max: 2 });
  own.on('error', () => {}); // what `pg` says of connections that nobody uses
  const problems: LedgerProblem[] = [];
  const ledger = await openLedger({
    postgres: own,
    flushMs: 20,
    onProblem: problem => void problems.push(problem),
  });
  await other.kill();
  for (let index = 0; index < 100; index++) ledger.onCallEnd(callEnd({ id: `away-${index}` }));
  await expect.poll(() => problems.map(({ type }) => type), { timeout: 30_000 }).toEqual(['database-away']);
  await other.start();
  await expect
    .poll(() => ledger.status(), { timeout: 60_000 })
    .toEqual({ buffered: 0, written: 100, dropped: 0 });
  expect(await ledger.spend({ from })).toMatchObject([{ calls: 100 }]);
  await ledger.close();
  await own.end();
  await other.stop();
});
