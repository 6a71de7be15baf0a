import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { installProject, type Project } from './project.ts';

describe('the tarball', () => {
  let project: Project;
  let folder: string;
  const read = (file: string) => readFileSync(path.join(folder, file), 'utf8');
  const manifest = () => JSON.parse(read('package.json'));
  beforeAll(() => {
    project = installProject({ name: 'bundle', sources: ['imported.ts'] });
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

  const loadedBy = (entry: string) => {
    const { stdout, stderr } = project.node('imported.ts', entry);
    if (stdout === '') throw new Error(stderr);
    return JSON.parse(stdout);
  };

  test('loads one file and its entry at the import, nothing of Node, and no price list', () => {
    expect(loadedBy('ai-composite')).toEqual({
      files: ['dist/index.js', 'dist/composite.js'],
      packages: ['@ai-sdk/provider', 'ai', 'tokenx', 'zod'],
    });
    expect(loadedBy('ai-composite/price-list')).toEqual({ files: ['dist/price-list.js'], packages: [] });
  });

  test('is written in letters of one byte, for V8 keeps a file with another one in two bytes a letter', () => {
    const files = readdirSync(path.join(folder, 'dist'), { recursive: true, encoding: 'utf8' });
    const scripts = files.filter(file => file.endsWith('.js'));
    expect(scripts).toContain('index.js');
    expect(scripts.filter(file => /[^\0-\xff]/.test(read(`dist/${file}`)))).toEqual([]);
  });

  test('declares no type of its own copy of @ai-sdk/provider', () => {
    const imports = [...read('dist/index.d.ts').matchAll(/from ['"]([^'"]+)['"]/g)].map(match => match[1]);
    expect(new Set(imports)).toEqual(new Set(['ai', 'zod']));
  });
});
