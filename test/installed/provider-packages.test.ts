import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CompileOptions, installProject, type Project } from './project.ts';

const sources = ['every-provider.ts', 'every-type.ts', 'fall-back.ts', 'each-provider.ts'];

const nodenext = { module: 'nodenext', lib: ['es2023', 'dom', 'dom.iterable'], types: ['node'] };
const bundler = {
  ...nodenext,
  module: 'esnext',
  moduleResolution: 'bundler',
  isolatedModules: true,
  skipLibCheck: true,
};
/** As `tsc --init` writes it. */
const initial = {
  ...nodenext,
  skipLibCheck: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  isolatedModules: true,
  noUncheckedSideEffectImports: true,
};
const strictest = {
  module: 'node18',
  lib: ['es2023'],
  types: ['node'],
  skipLibCheck: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  verbatimModuleSyntax: true,
};

/** The settings that people have. */
const settings: ReadonlyArray<CompileOptions & { readonly name: string }> = [
  { name: 'nodenext, with a check of every declaration', compiler: 'typescript', compilerOptions: nodenext },
  { name: 'bundler', compiler: 'typescript', compilerOptions: bundler },
  { name: 'nodenext, with exact optional properties', compiler: 'typescript', compilerOptions: initial },
  {
    name: 'bundler, with exact optional properties',
    compiler: 'typescript',
    compilerOptions: { ...initial, ...bundler },
  },
  { name: 'no DOM, at the strictest', compiler: 'typescript', compilerOptions: strictest },
  { name: 'TypeScript 5', compiler: 'typescript-5', compilerOptions: bundler },
];

/** Imports the types of every entry. */
function everyEntry({ folder }: Project): string {
  const manifest = JSON.parse(
    readFileSync(path.join(folder, 'node_modules/ai-composite/package.json'), 'utf8'),
  );
  const entries = Object.keys(manifest.exports).filter(entry => !entry.endsWith('.json'));
  const imports = entries.map(
    (entry, at) => `import * as entry${at} from '${path.posix.join('ai-composite', entry)}';`,
  );
  return `${imports.join('\n')}\nexport const entries = [${entries.map((_, at) => `entry${at}`).join(', ')}];\n`;
}

describe.each(['newest-ai', 'oldest-ai'])('19 provider packages with the %s', name => {
  let project: Project;
  beforeAll(() => {
    project = installProject({ name, sources });
    writeFileSync(path.join(project.folder, 'every-entry.ts'), everyEntry(project));
  });
  afterAll(() => project.remove());

  test('pin different versions of @ai-sdk/provider, and what we find is not what ai finds', () => {
    const versionAt = (folder: string) =>
      JSON.parse(readFileSync(path.join(project.folder, folder, 'package.json'), 'utf8')).version;
    expect(readdirSync(path.join(project.folder, 'node_modules/@ai-sdk')).length).toBeGreaterThan(19);
    expect(versionAt('node_modules/@ai-sdk/provider')).not.toBe(
      versionAt('node_modules/ai/node_modules/@ai-sdk/provider'),
    );
  });

  test('install the tarball without a word', () => {
    expect(project.installed.trim()).toMatch(/^added 3 packages in \d+m?s$/);
  });

  test.each(settings)('compile: $name', options => {
    expect(project.compile(options)).toBe('');
  });

  test('fall back and know their cost', () => {
    const { stdout, stderr } = project.node('fall-back.ts');
    expect(stderr).toBe('');
    expect(stdout.trim().split('\n')).toEqual([
      'openai auth,success Hello. estimated 2 Hello.',
      'compatible auth,success Hello. priced 2 Hello.',
      'anthropic auth,success Hello. priced 2 Hello.',
      'google auth,success Hello. priced 2 Hello.',
      'deepseek auth,success Hello. priced 2 Hello.',
      'nobody 401',
    ]);
  });

  // What the page says was seen with the newest.
  test.runIf(name === 'newest-ai')('are named, asked and priced as docs/providers.md says', () => {
    const page = readFileSync(
      path.join(project.folder, 'node_modules/ai-composite/docs/providers.md'),
      'utf8',
    );
    const rows = [...page.matchAll(/^\| `[^|]*\| `(.*)` \| (.*) \| (.*) \|$/gm)];
    const { stdout, stderr } = project.node('each-provider.ts');
    expect(stderr).toBe('');
    expect(rows.map(row => row.slice(1).join(' | '))).toEqual(stdout.trim().split('\n'));
  });
});
