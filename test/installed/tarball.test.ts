import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { installProject, type Project } from './project.ts';

describe('the tarball', () => {
  let project: Project;
  let folder: string;
  const read = (file: string) => readFileSync(path.join(folder, file), 'utf8');
  const manifest = () => JSON.parse(read('package.json'));
  beforeAll(() => {
    project = installProject({ name: 'bundle', sources: [] });
    folder = path.join(project.folder, 'node_modules/ai-composite');
  });
  afterAll(() => project.remove());

  test('installs without a warning, and has no script that npm would run', () => {
    // What it says of esbuild is esbuild's.
    expect(project.installed).toMatch(/^\s*added 3 packages/);
    expect(project.installed).not.toContain('ai-composite');
    const names = ['preinstall', 'install', 'postinstall', 'prepare'];
    expect(Object.keys(manifest().scripts).filter(name => names.includes(name))).toEqual([]);
  });

  test('has everything that its README links to', () => {
    const links = [...read('README.md').matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(link => link[1] ?? '');
    expect(links).toContain('examples');
    expect(links.filter(link => !existsSync(path.join(folder, link)))).toEqual([]);
  });

  test('says where it comes from', () => {
    const { homepage, bugs, repository } = manifest();
    for (const address of [homepage, bugs, repository.url]) expect(address).toMatch(/https:\/\//);
  });

  test('takes the zod that ai takes', () => {
    const ai = JSON.parse(readFileSync(path.join(project.folder, 'node_modules/ai/package.json'), 'utf8'));
    expect(ai.peerDependencies.zod.split(' || ')).toContain(manifest().peerDependencies.zod);
  });

  test('declares no type of its own copy of @ai-sdk/provider', () => {
    const imports = [...read('dist/index.d.ts').matchAll(/from ['"]([^'"]+)['"]/g)].map(match => match[1]);
    expect(new Set(imports)).toEqual(new Set(['ai', 'zod']));
  });
});
