// Makes docs/reference from the docstrings: a page for each entry of package.json's exports. `npm run reference` writes it;
// with `-- --check` it only says whether what is committed is what the docstrings say. An export without a docstring fails.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

type Exports = Readonly<Record<string, string | { readonly 'ai-composite-source'?: string }>>;

const root = fileURLToPath(new URL('..', import.meta.url));
const tools = path.join(root, '.ci/reference');
const committed = path.join(root, 'docs/reference');
const packageFile: { readonly exports: Exports } = JSON.parse(
  readFileSync(path.join(root, 'package.json'), 'utf8'),
);

/** The entries with their source files: `./testing` and `src/testing/index.ts`. */
const entries = Object.entries(packageFile.exports).flatMap(([entry, target]) => {
  const source = typeof target === 'string' ? undefined : target['ai-composite-source'];
  return source === undefined ? [] : [{ entry, source }];
});

const checks = process.argv.includes('--check');
const made = mkdtempSync(path.join(tmpdir(), 'ai-composite-reference-'));
try {
  build(made);
  for (const { entry, source } of entries) namePage({ entry, source });
  if (checks) process.exitCode = tellDifferences() ? 1 : 0;
  else replace();
} finally {
  rmSync(made, { recursive: true, force: true });
}

function build(out: string): void {
  if (!existsSync(path.join(tools, 'node_modules')))
    execFileSync('npm', ['ci', '--loglevel=error'], { cwd: tools, stdio: 'inherit' });
  const options = {
    $schema: 'https://typedoc.org/schema.json',
    tsconfig: path.join(root, 'tsconfig.json'),
    basePath: path.join(root, 'src'),
    entryPoints: entries.map(({ source }) => path.join(root, source)),
    plugin: [path.join(tools, 'node_modules/typedoc-plugin-markdown/dist/index.js')],
    out,
    outputFileStrategy: 'modules',
    logLevel: 'Warn',
    readme: 'none',
    name: 'Reference',
    disableSources: true,
    excludeExternals: true,
    excludeInternal: true,
    excludePrivate: true,
    excludeProtected: true,
    sort: ['kind', 'alphabetical'],
    requiredToBeDocumented: ['Class', 'Interface', 'Function', 'Variable', 'TypeAlias', 'Enum', 'Namespace'],
    validation: { notDocumented: true, notExported: false, invalidLink: true },
    hidePageHeader: true,
    hideBreadcrumbs: true,
    indexFormat: 'table',
    parametersFormat: 'table',
    interfacePropertiesFormat: 'table',
    classPropertiesFormat: 'table',
    typeAliasPropertiesFormat: 'table',
    propertyMembersFormat: 'table',
    typeDeclarationFormat: 'table',
    tableColumnSettings: {
      hideDefaults: true,
      hideInherited: true,
      hideModifiers: true,
      hideOverrides: true,
    },
  };
  const file = path.join(out, 'typedoc.json');
  writeFileSync(file, JSON.stringify(options));
  const typedoc = path.join(tools, 'node_modules/typedoc/bin/typedoc');
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [typedoc, '--options', file, '--cleanOutputDir', 'false'],
    { encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } },
  );
  const problems = `${stdout}${stderr}`.split('\n').filter(isProblem);
  for (const problem of problems) console.error(problem);
  if (status !== 0 || problems.length > 0)
    throw new Error('The reference cannot be made of these docstrings.');
  rmSync(file);
}

/** Members say by their names and types what they are, more often than not; an export has to say it in words. */
function isProblem(line: string): boolean {
  const member = /\S+\.\S+\.\S+ \(\w+\), defined in .* does not have any documentation/;
  return line.startsWith('[') && !member.test(line) && !/Found \d+ errors and \d+ warnings/.test(line);
}

/** Names a page by what a user imports: `resume.md`, `# ai-composite/resume`. */
function namePage({ entry, source }: { readonly entry: string; readonly source: string }): void {
  const own = source.replace(/^\.\/src\//, '').replace(/(\/index)?\.ts$/, '');
  const name = entry === '.' ? 'index' : entry.replace('./', '');
  const imported = path.posix.join('ai-composite', entry);
  if (own !== name) renameSync(path.join(made, `${own}.md`), path.join(made, `${name}.md`));
  for (const page of pagesIn(made)) {
    const text = readFileSync(page, 'utf8');
    const named = text
      .replace(page.endsWith(`/${name}.md`) ? /^# .*$/m : /^$a/, `# ${imported}`)
      .replaceAll(`[${own}](${own}.md)`, `[${imported}](${name}.md)`)
      .replaceAll(`(${own}.md#`, `(${name}.md#`);
    writeFileSync(page, named);
  }
}

function pagesIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter(file => file.endsWith('.md'))
    .map(file => path.join(folder, file));
}

function replace(): void {
  rmSync(committed, { recursive: true, force: true });
  mkdirSync(committed, { recursive: true });
  for (const page of pagesIn(made))
    writeFileSync(path.join(committed, path.basename(page)), readFileSync(page));
  console.log(`docs/reference: ${pagesIn(committed).length} pages`);
}

/** Says which pages are not what the docstrings say; true where there is one. */
function tellDifferences(): boolean {
  const names = new Set([...pagesIn(made), ...pagesIn(committed)].map(page => path.basename(page)));
  const stale = [...names].filter(
    name => contentOf(path.join(made, name)) !== contentOf(path.join(committed, name)),
  );
  for (const name of stale)
    console.error(`docs/reference/${name} is not what the docstrings say: npm run reference`);
  return stale.length > 0;
}

function contentOf(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}
