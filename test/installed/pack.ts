import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { run } from './run.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The packed package. */
    readonly tarball: string;
  }
}

const folder = mkdtempSync(path.join(tmpdir(), 'ai-composite-packed-'));

/** Packs the package once, as publishing does; every test gets the path of the tarball. */
export function setup({ provide }: TestProject): void {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const args = ['pack', '--json', '--pack-destination', folder];
  const { stdout, stderr, isOk } = run({ command: 'npm', args, cwd: root });
  const name = /"filename": "([^"]+)"/.exec(stdout)?.[1];
  if (!isOk || name === undefined) throw new Error(`npm pack failed: ${stderr}`);
  provide('tarball', path.join(folder, name));
}

/** Removes it. */
export function teardown(): void {
  rmSync(folder, { recursive: true });
}
