import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { docstringExamples } from './docstring-examples.ts';
import { pages, root } from './pages.ts';
import { type Snippet, snippetsOf } from './snippet.ts';

/** Inside the project, so that the snippets find its packages; ignored by git. */
const folder = path.join(root, '.vitest', `docs-${process.pid}`);
const standIns = path.join(root, 'test/examples/stand-ins');

const documents = pages
  .map(page => ({ page, snippets: snippetsOf({ page, folder }) }))
  .filter(({ snippets }) => snippets.length > 0);

/** Every snippet with its place among all, by which its files and its result are found. */
const numbered = documents
  .flatMap(({ page, snippets }) => snippets.map(snippet => ({ page, snippet })))
  .map((entry, at) => ({ ...entry, at }));

const examples = docstringExamples({ folder });

/** Packages that the project does not have: what a snippet takes of them is stood in for, for the types too. */
const absentPackages = (existsSync(standIns) ? readdirSync(standIns) : []).map(file => ({
  specifier: file.replace(/\.ts$/, '').replace('__', '/'),
  file: path.join(standIns, file),
}));

const inFolder = (name: string) => path.join(folder, name);

/** Writes a snippet twice, and says which one to run. */
function writeSnippet({ snippet, at }: { readonly snippet: Snippet; readonly at: number }): {
  readonly file: string;
  readonly length: number;
} {
  const file = inFolder(`run-${at}.ts`);
  writeFileSync(inFolder(`types-${at}.ts`), snippet.typed);
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
    env: { PATH: process.env.PATH ?? '' },
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

/** Runs all snippets, once. */
let running: ReturnType<typeof runSnippets> | undefined;
async function runSnippets() {
  const results = inFolder('results');
  const { status, output } = await runNode([
    '--conditions=ai-composite-source',
    path.join(root, 'test/docs/run-snippets.ts'),
    results,
    inFolder('plan.json'),
  ]);
  const lines = readFileSync(results, 'utf8').trimEnd().split('\n');
  return { status, output, results: lines.map(line => resultSchema.parse(JSON.parse(line))) };
}

function ran(): ReturnType<typeof runSnippets> {
  running ??= runSnippets();
  return running;
}

beforeAll(() => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(inFolder('plan.json'), JSON.stringify(numbered.map(writeSnippet)));
  for (const [at, { typed }] of examples.entries()) writeFileSync(inFolder(`types-example-${at}.ts`), typed);
  writeFileSync(inFolder('tsconfig.json'), JSON.stringify({ compilerOptions, include: ['types-*.ts'] }));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('the snippets of all pages, and the examples of all docstrings, compile in an ordinary strict project', async () => {
  const { status, output } = await runNode([
    path.join(root, 'node_modules/typescript/bin/tsc'),
    '-p',
    folder,
    '--pretty',
    'false',
  ]);
  const named = numbered.reduce(
    (told, { page, snippet, at }) =>
      told.replaceAll(`types-${at}.ts`, `${page.file}, ${snippet.title}, line `),
    output,
  );
  const told = examples.reduce(
    (before, { file }, at) => before.replaceAll(`types-example-${at}.ts`, `${file}, example, line `),
    named,
  );
  expect(told).toBe('');
  expect(status).toBe(0);
}, 60_000);

test('no snippet leaves anything open, or says something later', async () => {
  const { status, output } = await ran();
  expect({ status, output }).toEqual({ status: 0, output: '' });
}, 60_000);

describe.each(documents)('the snippets of $page.file', ({ page, snippets }) => {
  test('are all found', () => {
    expect(snippets).toHaveLength(page.text.match(/^ *```ts\b/gm)?.length ?? 0);
  });

  test.each(
    numbered
      .filter(entry => entry.page === page)
      .map(({ snippet, at }) => ({ title: snippet.title, output: snippet.output, at })),
  )(
    'run and print what they say: $title',
    async ({ output, at }) => {
      const { results } = await ran();
      expect(results[at]).toEqual({ stderr: '', stdout: output.join('') });
    },
    60_000,
  );
});
