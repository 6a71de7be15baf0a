import { expect, test } from 'vitest';
import { redisState } from '../../src/redis/index.ts';

/** Answers as each client of Redis is asked, and keeps what it was asked. */
function createClients({ answer }: { readonly answer: (script: string) => string | Error }) {
  const asked: unknown[][] = [];
  const say = async (...input: unknown[]) => {
    asked.push(input.slice(1));
    const answered = answer(String(input[1]));
    if (answered instanceof Error) throw answered;
    return answered;
  };
  return {
    asked,
    ioredis: {
      eval: (script: string, keys: number, ...rest: string[]) => say('eval', script, keys, ...rest),
      evalsha: (sha: string, keys: number, ...rest: string[]) => say('evalsha', sha, keys, ...rest),
      defineCommand: () => undefined,
    },
    nodeRedis: {
      eval: (script: string, options: object) => say('eval', script, options),
      evalSha: (sha: string, options: object) => say('evalsha', sha, options),
    },
    upstash: {
      eval: (script: string, keys: string[], values: string[]) => say('eval', script, keys, values),
      evalsha: (sha: string, keys: string[], values: string[]) => say('evalsha', sha, keys, values),
    },
  };
}

const note = { key: 'k', value: 'v', keepMs: 1_000.5 };
const isSha = (script: string) => /^[0-9a-f]{40}$/.test(script);

// Real clients on real servers are tested by `npm run test:services`.
test('each client is asked its own way, by the hash of a script first', async () => {
  const clients = createClients({ answer: () => '=' });
  const { asked, ioredis, nodeRedis, upstash } = clients;
  for (const client of [ioredis, nodeRedis, upstash]) await redisState({ client }).writeNote(note);
  const sha = expect.stringMatching(/^[0-9a-f]{40}$/);
  expect(asked).toEqual([
    [sha, 1, 'ai-composite:note:k', 'v', '1001'],
    [sha, { keys: ['ai-composite:note:k'], arguments: ['v', '1001'] }],
    [sha, ['ai-composite:note:k'], ['v', '1001']],
  ]);
});

test('a script that the server does not have is sent as a text, once', async () => {
  const { asked, ioredis } = createClients({
    answer: script => (isSha(script) ? new Error('NOSCRIPT No matching script.') : '='),
  });
  await redisState({ client: ioredis }).writeNote(note);
  expect(asked.map(([script]) => isSha(String(script)))).toEqual([true, false]);
});

test('any other error is told', async () => {
  const { asked, ioredis } = createClients({ answer: () => new Error('READONLY You can not write') });
  await expect(redisState({ client: ioredis }).writeNote(note)).rejects.toThrow('READONLY');
  expect(asked).toHaveLength(1);
});

test('a client that is none is refused with the fix', () => {
  // @ts-expect-error an address is no client
  expect(() => redisState({ client: 'redis://localhost' })).toThrow(
    'Invalid redisState.client: must be a client of ioredis, iovalkey, redis or @upstash/redis, such as new Redis(url) (got "redis://localhost").',
  );
});

test('a client has one store, however often it is asked for', () => {
  const { ioredis, nodeRedis } = createClients({ answer: () => '=' });
  const store = redisState({ client: ioredis });
  expect(redisState({ client: ioredis })).toBe(store);
  expect(redisState({ client: ioredis, prefix: 'other:' })).not.toBe(store);
  expect(redisState({ client: nodeRedis })).not.toBe(store);
});
