import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createProgram, freePort, type Server } from './server.ts';

/** Starts Redis; what it holds survives a restart, as it does for people who keep budgets in it. */
export async function startRedis({
  isCluster = false,
}: {
  readonly isCluster?: boolean;
} = {}): Promise<Server & { readonly stop: () => Promise<void> }> {
  const port = await freePort();
  const folder = mkdtempSync(path.join(tmpdir(), 'ai-composite-redis-'));
  const server = createProgram({
    port,
    command: 'redis-server',
    args: [
      ...['--port', String(port), '--bind', '127.0.0.1', '--dir', folder],
      ...['--save', '', '--appendonly', 'yes'],
      ...(isCluster ? ['--cluster-enabled', 'yes', '--cluster-port', String(await freePort())] : []),
      ...(isCluster ? ['--cluster-announce-ip', '127.0.0.1'] : []),
    ],
  });
  await server.start();
  return {
    ...server,
    stop: async () => {
      await server.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
