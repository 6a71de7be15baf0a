import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { installProject, type Project } from './project.ts';

const startInJavaScript = `
  import { generateText } from 'ai';
  import { MockLanguageModelV4 } from 'ai/test';
  import { compositeMetadata, createComposite } from 'ai-composite';

  const usage = { inputTokens: { total: 1 }, outputTokens: { total: 1 } };
  const finishReason = { unified: 'stop', raw: 'stop' };
  const model = new MockLanguageModelV4({
    provider: 'mock',
    modelId: 'one',
    doGenerate: async () => ({ content: [{ type: 'text', text: 'Hello.' }], finishReason, usage, warnings: [] }),
  });
  const ai = createComposite([model], { pricing: { catalog: false, onWarning: () => {} } });
  const result = await generateText({ model: ai, prompt: 'Say hello.' });
  console.log(result.text, compositeMetadata(result).candidate);
`;

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

  test('has what coding agents look for', () => {
    expect(manifest().keywords).toContain('tanstack-intent');
    for (const file of ['skills/ai-composite/SKILL.md', 'llms.txt', 'docs/tasks.md', 'src/index.ts'])
      expect(existsSync(path.join(folder, file)), file).toBe(true);
  });

  test('has every source that its maps name', () => {
    const files = readdirSync(path.join(folder, 'dist'), { recursive: true, encoding: 'utf8' });
    const maps = files.filter(file => file.endsWith('.map'));
    expect(maps).toEqual(expect.arrayContaining(['index.d.ts.map', 'composite.js.map']));
    const named = maps.flatMap(map =>
      JSON.parse(read(`dist/${map}`)).sources.map((source: string) =>
        path.join('dist', path.dirname(map), source),
      ),
    );
    expect(new Set(named.filter(source => !existsSync(path.join(folder, source))))).toEqual(new Set());
  });

  /** Entries for others to import: `ai-composite`, `ai-composite/testing`, ... */
  const entries = () =>
    Object.keys(manifest().exports)
      .filter(entry => !entry.endsWith('.json'))
      .map(entry => path.posix.join('ai-composite', entry));

  test('loads every entry from JavaScript, as a module and by require()', () => {
    const names = entries();
    expect(names).toEqual(expect.arrayContaining(['ai-composite', 'ai-composite/testing']));
    const list = JSON.stringify(names);
    writeFileSync(
      path.join(project.folder, 'load.mjs'),
      `for (const name of ${list}) console.log(name, Object.keys(await import(name)).length > 0);`,
    );
    writeFileSync(
      path.join(project.folder, 'load.cjs'),
      `for (const name of ${list}) console.log(name, Object.keys(require(name)).length > 0);`,
    );
    const said = names.map(name => `${name} true`).join('\n');
    for (const file of ['load.mjs', 'load.cjs'])
      expect(project.node(file)).toMatchObject({ stdout: `${said}\n`, stderr: '' });
  }, 60_000);

  test('answers in a plain JavaScript file', () => {
    writeFileSync(path.join(project.folder, 'start.js'), startInJavaScript);
    expect(project.node('start.js')).toMatchObject({ stdout: 'Hello. mock/one\n', stderr: '' });
  });

  const loadedBy = (entry: string) => {
    const { stdout, stderr } = project.node('imported.ts', entry);
    if (stdout === '') throw new Error(stderr);
    return JSON.parse(stdout);
  };

  test('loads its entry, what composes and its other names at the import, nothing of Node, no price list', () => {
    expect(loadedBy('ai-composite')).toEqual({
      files: ['dist/index.js', 'dist/composite.js', 'dist/more.js'],
      packages: ['@ai-sdk/provider', 'ai', 'tokenx', 'zod/v4'],
    });
    expect(loadedBy('ai-composite/price-list')).toEqual({ files: ['dist/price-list.js'], packages: [] });
  });

  test('is written in letters of one byte, for V8 keeps a file with another one in two bytes a letter', () => {
    const files = readdirSync(path.join(folder, 'dist'), { recursive: true, encoding: 'utf8' });
    // A browser runs that one; here it is a text.
    const scripts = files.filter(file => file.endsWith('.js') && file !== 'ledger/page-script.js');
    expect(scripts).toContain('index.js');
    expect(scripts.filter(file => /[^\0-\xff]/.test(read(`dist/${file}`)))).toEqual([]);
  });

  test('declares no type of its own copy of @ai-sdk/provider', () => {
    const imports = [...read('dist/index.d.ts').matchAll(/from ['"]([^'"]+)['"]/g)].map(match => match[1]);
    expect(new Set(imports)).toEqual(new Set(['ai', 'zod/v4']));
  });
});
