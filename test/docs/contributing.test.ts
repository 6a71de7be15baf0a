import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { pageOf, pages, root } from './pages.ts';

const { text } = pageOf('CONTRIBUTING.md');

/** Run by npm, not by people. */
const lifecycle: ReadonlySet<string> = new Set(['dependencies', 'prepack']);

test('CONTRIBUTING.md names every script of package.json, and no other', () => {
  const { scripts } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const named = [...text.matchAll(/`npm (?:run )?([\w:]+)/g)].map(match => match[1] ?? '');
  expect(Object.keys(scripts).filter(name => !lifecycle.has(name) && !named.includes(name))).toEqual([]);
  expect(named.filter(name => !(name in scripts))).toEqual([]);
});

test('CONTRIBUTING.md says what every folder of src/ is for', () => {
  const folders = readdirSync(path.join(root, 'src'), { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(({ name }) => `[src/${name}](src/${name})`);
  expect(folders.filter(link => !text.includes(link))).toEqual([]);
});

test('llms.txt names every page', () => {
  const list = pageOf('llms.txt').text;
  const written = pages.map(({ file }) => file).filter(file => file.startsWith('docs/'));
  expect(written.filter(file => !list.includes(`(${file})`))).toEqual([]);
});
