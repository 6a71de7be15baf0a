import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { postgresPrograms } from './install.ts';
import { createProgram, freePort, type Server } from './server.ts';

/** Starts Postgres with its own settings: what it has committed is on the disk. */
export async function startPostgres(): Promise<
  Server & { readonly stop: () => Promise<void>; readonly url: string }
> {
  const port = await freePort();
  const folder = mkdtempSync(path.join(tmpdir(), 'ai-composite-postgres-'));
  const programs = postgresPrograms() ?? '';
  const user = otherUser();
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  const data = path.join(folder, 'data');
  execFileSync(
    path.join(programs, 'initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync'],
    { stdio: 'ignore', cwd: folder, ...user },
  );
  const server = createProgram({
    port,
    command: path.join(programs, 'postgres'),
    args: ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', folder, '-c', 'max_connections=300'],
    isReady: () => isReady({ programs, port }),
    ...(user !== undefined && { user }),
  });
  await server.start();
  return {
    ...server,
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    stop: async () => {
      await server.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** It listens before it answers. */
function isReady({ programs, port }: { readonly programs: string; readonly port: number }): boolean {
  const program = path.join(programs, 'pg_isready');
  return spawnSync(program, ['-q', '-h', '127.0.0.1', '-p', String(port)]).status === 0;
}

/** Postgres refuses to run as root; Debian's package brings a user for it. */
function otherUser(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const idOf = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: idOf('-u'), gid: idOf('-g') };
}
