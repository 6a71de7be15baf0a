import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { installProject, ordinaryOptions, type Project } from './project.ts';

// With the `ai` whose interfaces its types were written for; those of the newest fit no model at all.
describe('an agent of Mastra', () => {
  let project: Project;
  beforeAll(() => {
    project = installProject({ name: 'mastra', sources: ['mastra.ts', 'mastra-retries.ts'] });
  });
  afterAll(() => project.remove());

  test('takes a composite as its model', () => {
    expect(project.compile({ compiler: 'typescript', compilerOptions: ordinaryOptions })).toBe('');
  });

  test('falls back, and runs its tools, by the default task', () => {
    const { stdout, stderr } = project.node('mastra.ts');
    expect(stderr).toBe('');
    expect(stdout.trim().split('\n')).toEqual([
      'chat success backup',
      'Hello.',
      'chat success backup',
      'chat success backup',
      'The sky is clear.',
    ]);
  });

  test('asks for an exhausted route once, unless its own maxRetries multiplies the route', () => {
    expect(project.node('mastra-retries.ts').stdout.trim().split('\n')).toEqual([
      'by default 1',
      'maxRetries: 0 1',
      'maxRetries: 2 3',
      'modelSettings 1',
    ]);
  });
});
