import { Redis } from 'ioredis';
import { Pool } from 'pg';
import { postgresState } from '../../src/postgres/index.ts';
import { redisState } from '../../src/redis/index.ts';
import type { StateStore } from '../../src/state/store.ts';

/** A store on a server, with a client of its own. */
export type OpenStore = { readonly store: StateStore; readonly close: () => Promise<void> };

/** Opens a store by the address of its server. */
export function openStore({
  url,
  timeoutMs = 1_000,
}: {
  readonly url: string;
  readonly timeoutMs?: number;
}): OpenStore {
  if (url.startsWith('redis:')) {
    const client = new Redis(url, { retryStrategy: () => 50 });
    client.on('error', () => undefined); // a server that is away; the store tells of it
    return {
      store: redisState({ client, timeoutMs }),
      close: async () => {
        client.disconnect();
      },
    };
  }
  const client = new Pool({ connectionString: url, max: 10 });
  client.on('error', () => undefined);
  return { store: postgresState({ client, timeoutMs }), close: () => client.end() };
}
