import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, createWriteStream, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { createFaultServer, type FaultServer, respond } from '../../src/testing/index.ts';
import { run } from '../installed/run.ts';
import { type Collector, startCollector } from './collector.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the app listens. */
    readonly appUrl: string;
    /** The file that has what the app wrote; empty for an app that ran before. */
    readonly appLog: string;
    /** What gives the traces that the app has sent; for an app that ran before it is NEXT_CHAT_TRACES_URL, or empty. */
    readonly tracesUrl: string;
  }
}

const example = fileURLToPath(new URL('../../examples/next-chat', import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), 'ai-composite-next-'));
let server: ChildProcess | undefined;
let provider: FaultServer | undefined;
let collector: Collector | undefined;

/**
 * Does what a user does: copies the example, installs the packed library into it, builds it and starts it. With NEXT_CHAT_URL
 * the tests drive an app that runs already, which is quicker while one works on it.
 */
export async function setup(project: TestProject): Promise<void> {
  const log = path.join(folder, 'app.log');
  project.provide('appLog', log);
  const running = process.env.NEXT_CHAT_URL;
  if (running !== undefined) {
    project.provide('appUrl', running);
    project.provide('tracesUrl', process.env.NEXT_CHAT_TRACES_URL ?? '');
    return;
  }
  const isOurs = (file: string) => !/[\\/](node_modules|\.next|next-env\.d\.ts)$/.test(file);
  cpSync(example, folder, { recursive: true, filter: isOurs });
  cpSync(path.join(import.meta.dirname, 'added'), folder, { recursive: true });
  writeSnippets();
  must('npm', [
    'install',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    project.getProvidedContext().tarball,
  ]);
  must('npx', ['next', 'build']);
  provider = await createFaultServer();
  provider.account('first').script([respond.error({ kind: 'auth' })]);
  collector = await startCollector();
  project.provide('tracesUrl', collector.url);
  project.provide('appUrl', await start({ log, provider: provider.url, traces: collector.url }));
}

/** Ends the app and removes it. */
export async function teardown(): Promise<void> {
  await provider?.close();
  await collector?.close();
  // A group of its own: `next start` may have started others.
  if (server?.pid !== undefined) process.kill(-server.pid, 'SIGKILL');
  // Half a gigabyte: while it goes, the workers have to be able to end.
  await rm(folder, { recursive: true });
}

/** The components that the docs show go into the app, so that its build compiles them. */
function writeSnippets(): void {
  const page = readFileSync(new URL('../../docs/nextjs.md', import.meta.url), 'utf8');
  for (const [index, [, code = '']] of [...page.matchAll(/^```tsx\n(.*?)^```/gms)].entries())
    writeFileSync(path.join(folder, `components/snippet-${index}.tsx`), code);
}

function must(command: string, args: ReadonlyArray<string>): void {
  const env = { NEXT_TELEMETRY_DISABLED: '1' };
  const { stdout, stderr, isOk } = run({ command, args, cwd: folder, env });
  if (!isOk) throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}\n${stderr}`);
}

/** Starts the app at a free port of this machine, without any key; what it writes to stderr goes into the log. */
function start({
  log,
  provider: url,
  traces,
}: {
  readonly log: string;
  readonly provider: string;
  readonly traces: string;
}): Promise<string> {
  const { PATH = '', HOME = '' } = process.env;
  const next = path.join(folder, 'node_modules/next/dist/bin/next');
  const child = spawn(process.execPath, [next, 'start', '-H', '127.0.0.1', '-p', '0'], {
    cwd: folder,
    env: {
      PATH,
      HOME,
      NODE_ENV: 'production',
      NEXT_TELEMETRY_DISABLED: '1',
      EDGE_PROVIDER: url,
      OTEL_EXPORTER_OTLP_ENDPOINT: traces,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_BSP_SCHEDULE_DELAY: '200',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  server = child;
  child.stderr.pipe(createWriteStream(log));
  return new Promise((resolve, reject) => {
    child.once('exit', code => reject(new Error(`next start ended with ${code}`)));
    createInterface({ input: child.stdout }).on('line', line => {
      const listening = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0];
      if (listening !== undefined) resolve(listening);
    });
  });
}
