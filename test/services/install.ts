import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

const here = import.meta.dirname;
const postgresRoot = '/usr/lib/postgresql';

/** Where the programs of Postgres are: Debian keeps them out of the PATH. Undefined where there are none. */
export function postgresPrograms(): string | undefined {
  const versions = existsSync(postgresRoot) ? readdirSync(postgresRoot) : [];
  const newest = versions.sort((one, other) => Number(other) - Number(one))[0];
  const folder = newest === undefined ? undefined : path.join(postgresRoot, newest, 'bin');
  return folder !== undefined && existsSync(path.join(folder, 'initdb')) ? folder : undefined;
}

/** Installs the clients, and the servers of Debian where they are missing; vitest calls it once. */
export function setup(): void {
  const run = (command: string, ...args: string[]) =>
    execFileSync(command, args, { cwd: here, stdio: 'inherit' });
  const lock = path.join(here, 'node_modules/.package-lock.json');
  if (!existsSync(lock)) run('npm', 'ci', '--loglevel=error');
  if (existsSync('/usr/bin/redis-server') && postgresPrograms() !== undefined) return;
  if (process.getuid?.() !== 0)
    throw new Error('Install redis-server and postgresql first: only root can do it for you.');
  const options = {
    cwd: here,
    stdio: 'inherit',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  } as const;
  execFileSync('apt-get', ['update', '-qq'], options);
  const packages = ['redis-server', 'postgresql'];
  execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], options);
}
