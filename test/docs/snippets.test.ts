import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { type Page, pages, root } from './pages.ts';
import { type Snippet, snippetsOf } from './snippet.ts';

/** Inside the project, so that the snippets find its packages; ignored by git. */
const folder = path.join(root, '.vitest', `docs-${process.pid}`);
const standIns = path.join(root, 'test/examples/stand-ins');

const documents = pages
  .map((page, index) => ({ page, index, snippets: snippetsOf({ page, folder }) }))
  .filter(({ snippets }) => snippets.length > 0);

/** Packages that the project does not have: what a snippet takes of them is stood in for, for the types too. */
const absentPackages = (existsSync(standIns) ? readdirSync(standIns) : []).map(file => ({
  specifier: file.replace(/\.ts$/, '').replace('__', '/'),
  file: path.join(standIns, file),
}));

const inFolder = (name: string) => path.join(folder, name);

function writeSnippet({ snippet, name }: { readonly snippet: Snippet; readonly name: string }): {
  readonly file: string;
  readonly length: number;
} {
  const file = inFolder(`run-${name}`);
  writeFileSync(inFolder(`types-${name}`), snippet.typed);
  writeFileSync(
    file,
    absentPackages.reduce(
      (code, absent) =>
        code.replaceAll(`from '${absent.specifier}'`, `from '${path.relative(folder, absent.file)}'`),
      snippet.run,
    ),
  );
  return { file, length: snippet.output.join('').length };
}

const compilerOptions = {
  target: 'es2023',
  lib: ['es2023', 'dom', 'dom.iterable', 'esnext.disposable'],
  module: 'nodenext',
  types: ['node'],
  // As `tsc --init` writes them.
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  verbatimModuleSyntax: true,
  skipLibCheck: true,
  noEmit: true,
  allowImportingTsExtensions: true,
  customConditions: ['ai-composite-source'],
  paths: Object.fromEntries(absentPackages.map(({ specifier, file }) => [specifier, [file]])),
};

async function runNode(
  args: ReadonlyArray<string>,
): Promise<{ readonly status: number | null; readonly output: string }> {
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { PATH: process.env.PATH ?? '', NODE_COMPILE_CACHE: inFolder('compile-cache') },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000, // a snippet that leaves something open would hang
  });
  const closed = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const [stdout, stderr, status] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
  return { status, output: `${stdout}${stderr}` };
}

const resultSchema = z.object({ stdout: z.string(), stderr: z.string() });

/** Runs the snippets of a page in a process of their own, once. */
const runs = new Map<string, ReturnType<typeof runPage>>();
async function runPage(index: number) {
  const { status, output } = await runNode([
    '--conditions=ai-composite-source',
    path.join(root, 'test/docs/run-snippets.ts'),
    inFolder(`results-${index}`),
    inFolder(`plan-${index}.json`),
  ]);
  const lines = readFileSync(inFolder(`results-${index}`), 'utf8')
    .trimEnd()
    .split('\n');
  return { status, output, results: lines.map(line => resultSchema.parse(JSON.parse(line))) };
}

function runOnce({ page, index }: { readonly page: Page; readonly index: number }) {
  const known = runs.get(page.file) ?? runPage(index);
  runs.set(page.file, known);
  return known;
}

beforeAll(() => {
  mkdirSync(folder, { recursive: true });
  for (const { index, snippets } of documents) {
    const plan = snippets.map((snippet, at) => writeSnippet({ snippet, name: `${index}-${at}.ts` }));
    writeFileSync(inFolder(`plan-${index}.json`), JSON.stringify(plan));
  }
  writeFileSync(inFolder('tsconfig.json'), JSON.stringify({ compilerOptions, include: ['types-*.ts'] }));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('the snippets of all pages compile in an ordinary strict project', async () => {
  const { status, output } = await runNode([
    path.join(root, 'node_modules/typescript/bin/tsc'),
    '-p',
    folder,
    '--pretty',
    'false',
  ]);
  const named = documents.reduce(
    (told, { page, index, snippets }) =>
      snippets.reduce(
        (line, { title }, at) => line.replaceAll(`types-${index}-${at}.ts`, `${page.file}, ${title}`),
        told,
      ),
    output,
  );
  expect(named).toBe('');
  expect(status).toBe(0);
}, 60_000);

describe.each(documents)('the snippets of $page.file', ({ page, index, snippets }) => {
  test('are all found, and leave nothing open or unsaid', async () => {
    expect(snippets).toHaveLength(page.text.match(/^ *```ts\b/gm)?.length ?? 0);
    const { status, output } = await runOnce({ page, index });
    expect({ status, output }).toEqual({ status: 0, output: '' });
  }, 60_000);

  test.each(snippets.map((snippet, at) => ({ ...snippet, at })))(
    'run and print what they say: $title',
    async ({ output, at }) => {
      const { results } = await runOnce({ page, index });
      expect(results[at]).toEqual({ stderr: '', stdout: output.join('') });
    },
    60_000,
  );
});
