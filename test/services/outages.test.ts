import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/boundary/clock.ts';
import { createComposite } from '../../src/index.ts';
import { connect } from '../../src/state/shared/connection.ts';
import { down, scriptedModel } from '../fallback/scripted-model.ts';
import { call } from '../testing/call.ts';
import { startPostgres } from './postgres-server.ts';
import { startRedis } from './redis-server.ts';
import { openStore } from './stores.ts';

const redis = await startRedis();
const postgres = await startPostgres();
afterAll(() => Promise.all([redis.stop(), postgres.stop()]));

const servers = {
  Redis: { server: redis, url: `redis://127.0.0.1:${redis.port}` },
  Postgres: { server: postgres, url: postgres.url },
};

/** Waits until something is so. */
async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (const endsAtMs = Date.now() + 30_000; Date.now() < endsAtMs; await sleep(50)) if (await isSo()) return;
  throw new Error('it never was');
}

describe.each(Object.entries(servers))('%s', (name, { server, url }) => {
  const start = () => {
    const { store, close } = openStore({ url, timeoutMs: 2_000 });
    const told: string[] = [];
    const first = scriptedModel({ id: 'one', turns: [{ error: down }, { text: ['ok'] }] });
    const ai = createComposite(
      [
        { model: first, name: `${name} one` },
        { model: scriptedModel({ id: 'two', turns: [{ text: ['ok'] }] }), name: `${name} two` },
      ],
      {
        state: store,
        attempts: 1,
        pricing: { catalog: false, onWarning: () => undefined },
        onStateAway: () => told.push('away'),
        onStateBack: () => told.push('back'),
      },
    );
    const holds = connect({ store, clock: systemClock }).holds.of(undefined);
    const hold = async ({
      id,
      scope,
      whenAway,
    }: {
      readonly id: string;
      readonly scope: string;
      readonly whenAway: 'stop' | 'allow';
    }) =>
      (
        await holds.hold({
          id,
          claims: [{ scope, amount: 10n, limit: 100n, keepMs: 600_000 }],
          leaseMs: 60_000,
          whenAway,
        })
      ).outcome;
    /** The longest of some calls. */
    const slowest = async () => {
      let longestMs = 0;
      for (let time = 0; time < 20; time++) {
        const startedAtMs = performance.now();
        await ai.doGenerate(call());
        longestMs = Math.max(longestMs, performance.now() - startedAtMs);
      }
      return longestMs;
    };
    return { ai, store, told, holds, hold, slowest, close };
  };

  test.each(['killed', 'frozen'] as const)(
    'that is %s and comes back holds no call up, is told once, and loses nothing',
    async how => {
      const { store, told, holds, hold, slowest, close } = start();
      const scope = `outage ${how}`;
      const settle = (id: string) => holds.settle({ id, amounts: [{ scope, amount: 3n }] });
      expect(await hold({ id: `${how} before`, scope, whenAway: 'stop' })).toBe('held');
      await slowest();
      expect(told).toEqual([]);

      if (how === 'killed') await server.kill();
      else server.freeze();
      await until(
        async () => (await hold({ id: crypto.randomUUID(), scope: 'other', whenAway: 'allow' })) === 'away',
      );
      expect(await slowest()).toBeLessThan(1_500);
      expect(await hold({ id: `${how} during`, scope, whenAway: 'allow' })).toBe('away');
      expect(await settle(`${how} before`)).toBeUndefined();
      expect(await settle(`${how} during`)).toBeUndefined();
      expect(told).toEqual(['away']);

      if (how === 'killed') await server.start();
      else server.thaw();
      await until(async () => {
        const [standing] = (await holds.standings([{ scope }])) ?? [];
        return standing?.used === 6n && standing.held === 0n;
      });
      await until(() => told.at(-1) === 'back');
      expect(await hold({ id: `${how} after`, scope, whenAway: 'stop' })).toBe('held');
      expect((await store.standings([{ scope }]))[0]).toEqual({ scope, used: 16n, held: 10n });
      await close();
    },
  );

  test('that is not there when a process starts does not keep it from starting', async () => {
    await server.kill();
    const { ai, told, slowest, close } = start();
    expect(await slowest()).toBeLessThan(1_500);
    await until(() => told.length === 1);
    await server.start();
    await until(async () => {
      await ai.doGenerate(call());
      return told.at(-1) === 'back';
    });
    expect(told).toEqual(['away', 'back']);
    await close();
  });
});

test('Redis that has become a replica, in a failover, is away until it is a primary again', async () => {
  const { store, close } = openStore({ url: servers.Redis.url });
  const holds = connect({ store, clock: systemClock }).holds.of(undefined);
  const claims = [{ scope: 'failover', amount: 1n, limit: 10n, keepMs: 60_000 }];
  const hold = async () =>
    (await holds.hold({ id: crypto.randomUUID(), claims, leaseMs: 1_000, whenAway: 'stop' })).outcome;
  const { Redis } = await import('ioredis');
  const admin = new Redis(servers.Redis.url);
  expect(await hold()).toBe('held');
  await admin.call('REPLICAOF', '127.0.0.1', '1');
  expect(await hold()).toBe('away');
  await admin.call('REPLICAOF', 'NO', 'ONE');
  expect(await hold()).toBe('held');
  await admin.quit();
  await close();
});
