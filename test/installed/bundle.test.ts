import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { installProject, type Project } from './project.ts';

describe('a bundle', () => {
  let project: Project;
  beforeAll(() => {
    project = installProject({ name: 'bundle', sources: ['bundle.ts', 'worker.ts'] });
  });
  afterAll(() => project.remove());

  test('grows by what we are, and by nothing of zod that is not asked for', () => {
    const { stdout, stderr } = project.node('bundle.ts');
    expect(stderr).toBe('');
    const sizes = stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line));
    expect(sizes.map(({ name }) => name)).toEqual(['esbuild', 'wrangler']);
    for (const { alone, together } of sizes) {
      expect(together.zodLocales).toEqual(alone.zodLocales);
      expect(together.gzipKb - alone.gzipKb).toBeLessThanOrEqual(145);
    }
  });

  test('of a Worker answers and knows its cost', () => {
    expect(project.node('worker.ts')).toEqual({ stdout: 'Hello. up lower-bound\n', stderr: '', isOk: true });
  });
});
