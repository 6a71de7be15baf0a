import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openLedger } from 'ai-composite/ledger';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { callEnd } from '../ledger/calls.ts';

let folder: string;
beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'cli-'));
  const ledger = await openLedger({ database: path.join(folder, 'costs.db') });
  ledger.onCallEnd(callEnd({ id: 'the-call' }));
  await ledger.close();
});
afterEach(() => rmSync(folder, { recursive: true }));

const command = ['--conditions=ai-composite-source', path.resolve('src/cli/main.ts')];

function run(...args: ReadonlyArray<string>) {
  return spawnSync(process.execPath, [...command, ...args], { encoding: 'utf8', cwd: folder });
}

test('writes the page of a ledger to a file', () => {
  const { stdout, stderr, status } = run('dashboard', 'costs.db', '--out', 'page.html', '--tag', 'customer');
  expect({ stdout, stderr, status }).toEqual({ stdout: 'The page: page.html\n', stderr: '', status: 0 });
  expect(readFileSync(path.join(folder, 'page.html'), 'utf8')).toContain('the-call');
});

test('serves it on this machine to whoever has the address', async () => {
  const served = spawn(process.execPath, [...command, 'dashboard', 'costs.db', '--no-open'], { cwd: folder });
  const exited = new Promise(resolve => served.once('exit', resolve));
  try {
    const url = await new Promise<string>((resolve, reject) => {
      served.stdout.once('data', data => resolve(String(data).split('\n')[0] ?? ''));
      served.once('error', reject);
    });
    expect(await (await fetch(url)).text()).toContain('the-call');
    expect((await fetch(new URL('/', url))).status).toBe(403);
  } finally {
    served.kill();
    await exited;
  }
});

test.each([
  [['dashboard', 'nothing.db'], 'There is no file nothing.db.'],
  [['dashboard'], 'Usage: ai-composite dashboard <file>'],
  [['dashbord', 'costs.db'], 'Usage: ai-composite dashboard <file>'],
  [['dashboard', 'costs.db', '--days', 'ten'], '--days takes a whole number, not "ten".'],
  [['dashboard', 'costs.db', '--nothing'], "Unknown option '--nothing'"],
])('%j says what is wrong', (args, message) => {
  const { stderr, status } = run(...args);
  expect(stderr).toContain(message);
  expect(status).toBe(1);
});
