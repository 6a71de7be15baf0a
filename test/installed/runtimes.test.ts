import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { installProject, type Project } from './project.ts';

describe('the main entry', () => {
  let project: Project;
  beforeAll(() => {
    const sources = ['runtimes.ts', 'call.mjs', 'call-now.mjs', 'call-required.cjs'];
    project = installProject({ name: 'runtimes', sources });
  });
  afterAll(() => project.remove());

  test('falls back in every runtime, over HTTP', () => {
    const { stdout, stderr, isOk } = project.node('runtimes.ts');
    expect({ isOk, stderr }).toEqual({ isOk: true, stderr: '' });
    const calls = 'Hello. | auth,success | Hello.';
    expect(stdout.trim().split('\n')).toEqual([
      `Node 22: ${calls}`,
      `Node 26: ${calls}`,
      `Node 24: ${calls}`,
      `Bun: ${calls}`,
      `Deno: ${calls}`,
      `edge-runtime: ${calls}`,
      'require() in Node 22: function function',
    ]);
  });
});
