/**
 * Measures the library beside its peers, in one run on one machine: `npm run bench` (under three minutes), with `-- --full` for
 * more rounds, `-- --only=calls,streams` for some works, `-- --docs` to write the tables into docs/performance.md as well.
 * The library is built and packed first, so what is measured is what users install.
 */
import { execFileSync, fork } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import type { efforts } from './measure.ts';
import { toMarkdown, type Work } from './table.ts';
import { kinds } from './work.ts';

const here = import.meta.dirname;
const root = join(here, '../..');
const flag = (name: string) => process.argv.includes(`--${name}`);
const effort: keyof typeof efforts = flag('smoke') ? 'smoke' : flag('full') ? 'full' : 'quick';
const only = process.argv.find(argument => argument.startsWith('--only='))?.slice('--only='.length);

installPeers();
installLibrary();
const works: Work[] = [];
for (const kind of only?.split(',') ?? Object.keys(kinds)) works.push(...(await measureInAProcess(kind)));

const machine = {
  date: new Date().toISOString().slice(0, 10),
  node: process.version,
  processor: `${cpus().length} x ${cpus()[0]?.model.trim()}`,
  effort,
  versions: Object.fromEntries(
    ['ai-composite', 'ai', 'ai-retry', 'ai-fallback', '@langchain/core'].map(name => [name, versionOf(name)]),
  ),
};
mkdirSync(join(here, 'results'), { recursive: true });
writeFileSync(join(here, `results/${effort}.json`), `${JSON.stringify({ machine, works }, null, 2)}\n`);
const tables = toMarkdown(works);
console.log(`${tables}\n\n${describe()}`);
if (flag('docs')) writeDocs();

function installPeers(): void {
  if (existsSync(join(here, 'node_modules/ai'))) return;
  execFileSync('npm', ['ci', '--loglevel=error'], { cwd: here, stdio: 'inherit' });
}

/** Unpacks what would be published beside the peers, on the same `ai` and `zod`. */
function installLibrary(): void {
  execFileSync('npm', ['run', 'build', '--silent'], { cwd: root, stdio: 'inherit' });
  const packed = execFileSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', here], {
    cwd: root,
    encoding: 'utf8',
  });
  const { filename }: { readonly filename: string } = JSON.parse(packed)[0];
  const target = join(here, 'node_modules/ai-composite');
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  execFileSync('tar', ['xzf', join(here, filename), '-C', target, '--strip-components=1']);
  rmSync(join(here, filename));
}

/** In a process of its own, so that what one work left in the heap and in the compiler does not weigh on the next. */
function measureInAProcess(kind: string): Promise<ReadonlyArray<Work>> {
  return new Promise((resolve, reject) => {
    const child = fork(join(here, 'work.ts'), [kind, effort], { execArgv: ['--expose-gc'] });
    child.once('message', message => resolve(message as ReadonlyArray<Work>));
    child.once('exit', code => reject(new Error(`The work "${kind}" ended with ${code} and no result.`)));
  });
}

function versionOf(name: string): string {
  return JSON.parse(readFileSync(join(here, `node_modules/${name}/package.json`), 'utf8')).version;
}

function describe(): string {
  const { date, node, processor, versions } = machine;
  const packages = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `Measured ${date} on Node ${node}, ${processor}, with ${packages.join(', ')}.`;
}

/** The page has its own words; the tables stand between two marks. */
function writeDocs(): void {
  const page = join(root, 'docs/performance.md');
  const [before, rest] = readFileSync(page, 'utf8').split('<!-- tables -->');
  const after = rest?.split('<!-- /tables -->')[1];
  if (after === undefined)
    throw new Error('docs/performance.md has lost its marks <!-- tables --> and <!-- /tables -->.');
  writeFileSync(page, `${before}<!-- tables -->\n\n${describe()}\n\n${tables}\n\n<!-- /tables -->${after}`);
}
