import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, connect as openSocket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A server on a free loopback port, in a folder of its own. */
export type Server = {
  readonly port: number;
  readonly start: () => Promise<void>;
  /** Ends it at once, as a crash does. */
  readonly kill: () => Promise<void>;
  /** Stops answering, without closing anything. */
  readonly freeze: () => void;
  readonly thaw: () => void;
};

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Runs a program as a server, and waits until it listens and, where that says more, is ready. */
export function createProgram({
  port,
  command,
  args,
  isReady = () => true,
  user,
}: {
  readonly port: number;
  readonly command: string;
  readonly args: ReadonlyArray<string>;
  readonly isReady?: () => boolean;
  readonly user?: { readonly uid: number; readonly gid: number };
}): Server {
  let child: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    child = spawn(command, args, { stdio: 'ignore', ...user });
    while (!(await listens(port)) || !isReady()) {
      if (child.exitCode !== null) throw new Error(`${command} ended with ${child.exitCode}`);
      await sleep(20);
    }
  };
  const kill = async (): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    const helpers = childrenOf(child.pid);
    child.kill('SIGCONT');
    child.kill('SIGKILL');
    // Those of Postgres go on answering for a moment.
    for (const helper of helpers) end(helper);
    await ended;
  };
  return {
    port,
    start,
    kill,
    freeze: () => child?.kill('SIGSTOP'),
    thaw: () => child?.kill('SIGCONT'),
  };
}

/** The processes that a program has started; Linux tells. */
function childrenOf(pid: number | undefined): ReadonlyArray<number> {
  const file = `/proc/${pid}/task/${pid}/children`;
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split(' ').filter(Boolean).map(Number) : [];
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = openSocket({ port, host: '127.0.0.1' });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}
