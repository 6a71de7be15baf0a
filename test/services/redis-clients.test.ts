import { setTimeout as sleep } from 'node:timers/promises';
import { Redis as Upstash } from '@upstash/redis';
import { Cluster, Redis } from 'ioredis';
import { Redis as Valkey } from 'iovalkey';
import { createClient, createCluster } from 'redis';
import { afterAll, describe, expect, test } from 'vitest';
import { redisState } from '../../src/redis/index.ts';
import { stateStoreCases } from '../../src/testing/index.ts';
import { startRedis } from './redis-server.ts';
import { startUpstashFace } from './upstash-face.ts';

const redis = await startRedis();
const cluster = await startRedis({ isCluster: true });
const setUp = new Redis(cluster.port);
await setUp.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
while (!String(await setUp.call('CLUSTER', 'INFO')).includes('cluster_state:ok')) await sleep(50);
await setUp.quit();
const face = await startUpstashFace({ port: redis.port });

const url = `redis://127.0.0.1:${redis.port}`;
const ioredis = new Redis(url);
const iovalkey = new Valkey(url);
const nodeRedis = await createClient({ url }).connect();
const upstash = new Upstash({ url: face.url, token: 'none' });
const ioredisCluster = new Cluster([{ host: '127.0.0.1', port: cluster.port }]);
const nodeRedisCluster = createCluster({ rootNodes: [{ url: `redis://127.0.0.1:${cluster.port}` }] });
await nodeRedisCluster.connect();

afterAll(async () => {
  await Promise.all([ioredis.quit(), iovalkey.quit(), ioredisCluster.quit()]);
  await Promise.all([nodeRedis.close(), nodeRedisCluster.close()]);
  await face.stop();
  await Promise.all([redis.stop(), cluster.stop()]);
});

const clients = { ioredis, iovalkey, 'node-redis': nodeRedis, '@upstash/redis': upstash };
const clusters = { "ioredis' cluster": ioredisCluster, "node-redis' cluster": nodeRedisCluster };

for (const [client, own] of Object.entries({ ...clients, ...clusters })) {
  const store = redisState({ client: own });
  describe.concurrent(`Redis through ${client}`, () => {
    for (const { name, run } of stateStoreCases({ open: () => store })) test(name, run);
  });
}

test('scripts that the server has forgotten are sent again', async () => {
  for (const own of Object.values(clients)) {
    const store = redisState({ client: own });
    const note = { key: 'forgotten', value: 'kept', keepMs: 60_000 };
    await store.writeNote(note);
    await ioredis.script('FLUSH');
    await store.writeNote(note);
    expect(await store.readNote('forgotten')).toBe('kept');
  }
});

test('keys have the prefix, and expire by themselves', async () => {
  const store = redisState({ client: ioredis, prefix: 'mine/' });
  await store.hold({ id: 'one', claims: [{ scope: 'day', amount: 1n, keepMs: 60_000 }], leaseMs: 1_000 });
  await store.observe({ key: 'a', observation: { type: 'abort' }, keepMs: 60_000 });
  await store.writeNote({ key: 'n', value: 'v', keepMs: 60_000 });
  const keys = (await ioredis.keys('mine/*')).sort();
  expect(keys).toEqual(['mine/health:a', 'mine/note:n', 'mine/scope:day']);
  for (const key of keys) expect(await ioredis.pttl(key)).toBeGreaterThan(50_000);
});
