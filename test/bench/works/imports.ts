import { execFileSync } from 'node:child_process';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { mainComposers } from '../contestants.ts';
import { type Effort, spreadOf } from '../measure.ts';
import type { Row, Work } from '../table.ts';

/** What an import costs where `ai` is loaded already, and what a bundler makes of it. */
export async function measureImports({ rounds }: Effort): Promise<ReadonlyArray<Work>> {
  const entries = mainComposers.flatMap(({ name, entry }) => (entry === undefined ? [] : [{ name, entry }]));
  const times = new Map(entries.map(({ name }) => [name, [] as number[]]));
  const heaps = new Map(entries.map(({ name }) => [name, [] as number[]]));
  for (let round = 0; round < Math.min(rounds, 15); round++) {
    for (const { name, entry } of entries) {
      const { ms, heap } = importInAProcessOfItsOwn(entry);
      times.get(name)?.push(ms);
      heaps.get(name)?.push(heap / 1_000);
    }
  }
  const sizes: Row[] = [];
  for (const { name, entry } of entries) {
    const kilobytes = (await bundledSize(entry)) / 1_000;
    sizes.push({ name, median: kilobytes, low: kilobytes, high: kilobytes });
  }
  const rows = (values: ReadonlyMap<string, number[]>) =>
    [...values].map(([name, own]): Row => ({ name, ...spreadOf(own) }));
  return [
    { id: 'import-time', title: 'Import, with `ai` loaded', figure: 'amount', unit: 'ms', rows: rows(times) },
    { id: 'import-heap', title: 'Heap after the import', figure: 'amount', unit: 'kB', rows: rows(heaps) },
    {
      id: 'size',
      title: 'What is loaded at the import, minified and gzipped, without `ai`, `zod` and `@ai-sdk/*`',
      figure: 'amount',
      unit: 'kB',
      rows: sizes,
    },
  ];
}

function importInAProcessOfItsOwn(entry: string): { readonly ms: number; readonly heap: number } {
  const program = `
    await import('ai');
    const settle = async () => { for (let i = 0; i < 3; i++) { await new Promise(r => setImmediate(r)); gc(); } };
    await settle();
    const before = process.memoryUsage().heapUsed;
    const startedAt = performance.now();
    await import(${JSON.stringify(entry)});
    const ms = performance.now() - startedAt;
    await settle();
    console.log(JSON.stringify({ ms, heap: process.memoryUsage().heapUsed - before }));`;
  const flags = ['--expose-gc', '--input-type=module', '--eval', program];
  return JSON.parse(execFileSync(process.execPath, flags, { cwd: import.meta.dirname, encoding: 'utf8' }));
}

/** Of the chunks a bundler makes, only those that the entry imports at once. */
async function bundledSize(entry: string): Promise<number> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: `export * from ${JSON.stringify(entry)};`, resolveDir: import.meta.dirname },
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    external: ['ai', 'zod', '@ai-sdk/*', '@opentelemetry/api'],
    outdir: 'out',
    write: false,
    metafile: true,
  });
  const main = Object.keys(metafile.outputs).find(path => metafile.outputs[path]?.entryPoint === '<stdin>');
  const loaded = new Set<string>();
  const load = (path: string | undefined) => {
    const output = path === undefined ? undefined : metafile.outputs[path];
    if (path === undefined || output === undefined || loaded.has(path)) return;
    loaded.add(path);
    for (const { kind, path: other } of output.imports) if (kind === 'import-statement') load(other);
  };
  load(main);
  return outputFiles
    .filter(file => [...loaded].some(path => file.path.endsWith(path.replace(/^.*\//, ''))))
    .reduce((sum, file) => sum + gzipSync(file.contents).length, 0);
}
