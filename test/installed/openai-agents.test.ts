import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { installProject, ordinaryOptions, type Project } from './project.ts';

describe("an agent of OpenAI's Agents SDK", () => {
  let project: Project;
  beforeAll(() => {
    project = installProject({ name: 'openai-agents', sources: ['openai-agents.ts'] });
  });
  afterAll(() => project.remove());

  test('takes a composite, and a task of it, through aisdk()', () => {
    expect(project.compile({ compiler: 'typescript', compilerOptions: ordinaryOptions })).toBe('');
  });

  test('falls back in the middle of a run, and asks nobody twice for an exhausted route', () => {
    const { stdout, stderr } = project.node('openai-agents.ts');
    expect(stderr).toBe('');
    expect(stdout.trim().split('\n')).toEqual([
      'chat success primary',
      'chat success primary backup',
      'Bern.',
      'chat success backup',
      'Bern again.',
      'code success coder',
      '1 + 1',
      '$0.008000',
      'RouteExhaustedError',
      '1',
    ]);
  });
});
