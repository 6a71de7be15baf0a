import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Page, pageOf, pages, root } from './pages.ts';

/** What a page links to outside of its code: `docs/cost.md`, `#order`, `https://ai-sdk.dev`. */
function linksOf({ text }: Page): ReadonlyArray<string> {
  return [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)].map(match => match[1] ?? '');
}

function withoutCode(text: string): string {
  return text.replaceAll(/^```.*?^```/gms, '').replaceAll(/`[^`\n]*`/g, 'code');
}

/** The anchors that GitHub and npm give the headings of a page. */
function anchorsOf({ text }: Page): ReadonlySet<string> {
  const headings = text.replaceAll(/^```.*?^```/gms, '').matchAll(/^#+ (.*)$/gm);
  return new Set(
    [...headings].map(match =>
      (match[1] ?? '')
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\- _]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

/** What is wrong with a link, where something is. */
function fault({ page, link }: { readonly page: Page; readonly link: string }): string | undefined {
  if (/^(https:|mailto:)/.test(link)) return undefined;
  const [target = '', anchor] = link.split('#');
  const file = target === '' ? page.file : path.posix.join(path.posix.dirname(page.file), target);
  if (!existsSync(path.join(root, file))) return `${link}: there is no ${file}`;
  if (anchor === undefined) return undefined;
  return anchorsOf(pageOf(file)).has(anchor) ? undefined : `${link}: ${file} has no heading for #${anchor}`;
}

describe.each(pages)('the links of $file', page => {
  test('lead to files and headings that are there', () => {
    expect(linksOf(page).flatMap(link => fault({ page, link }) ?? [])).toEqual([]);
  });
});

test('every page of docs/ can be reached from README.md', () => {
  const reached = new Set(['README.md']);
  for (const file of reached) for (const target of targetsOf(pageOf(file))) reached.add(target);
  expect(
    pages.map(({ file }) => file).filter(file => file.startsWith('docs/') && !reached.has(file)),
  ).toEqual([]);
});

test('README.md stays a door, and every page can be read in one sitting', () => {
  const lines = ({ text }: Page) => text.split('\n').length;
  expect(lines(pageOf('README.md'))).toBeLessThanOrEqual(250);
  expect(pages.filter(page => lines(page) > 300).map(({ file }) => file)).toEqual([]);
});

/** The pages that a page links to. */
function targetsOf(page: Page): ReadonlyArray<string> {
  return linksOf(page)
    .map(link => path.posix.join(path.posix.dirname(page.file), link.split('#')[0] ?? ''))
    .filter(file => pages.some(known => known.file === file));
}
