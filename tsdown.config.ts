import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { defineConfig, type Rolldown } from 'tsdown';
import { bundlePageScript } from './.ci/page-script.ts';

// One file an entry, with chunks for what is loaded later; names without hashes, so that a stack trace reads well.
const shared = {
  format: 'esm',
  target: 'es2023',
  tsconfig: 'tsconfig.build.json',
  fixedExtension: false,
  hash: false,
  sourcemap: true,
  // What they say is in the declarations, the sources and the sourcemaps.
  outputOptions: { comments: { jsdoc: false } },
} as const;

const neutral = {
  ...shared,
  platform: 'neutral',
  deps: { neverBundle: '#price-list' }, // package.json chooses where it is loaded
} as const;

const index = { index: 'src/index.ts' };
const priceList = { 'price-list': 'src/cost/catalog/price-list.ts' };
const noPriceList = { 'no-price-list': 'src/cost/catalog/no-price-list.ts' };

const ledger = { 'ledger/index': 'src/ledger/index.ts' };

// Entries share code, and each has its declarations in one file.
const declarations = { ...neutral, dts: { sourcemap: true, emitDtsOnly: true } } as const;

/**
 * Which file a module goes into: the first of these that needs it, in the order in which they are loaded. Else what two of them
 * share would be a file more, for each pair. What composes is apart from the other names of the entry, so that a bundler loads
 * at once what is asked for, and the rest when it is needed.
 */
const files = Object.entries({
  composite: 'src/composite.ts',
  more: index.index,
  calls: 'src/call/calls.ts',
  answers: 'src/fallback/answers.ts',
}).map(([name, module]) => ({ name, module: path.resolve(module) }));

const codeSplitting = {
  groups: [
    {
      name: (id: string, graph: Graph) => {
        if (id === path.resolve(index.index)) return null;
        // What the bundler itself adds for chunks.
        if (id.startsWith('\0')) return 'composite';
        return files.find(({ module }) => importedBy({ module, graph }).has(id))?.name ?? null;
      },
      debugName: 'the first that needs it',
      includeDependenciesRecursively: false,
    },
  ],
};

export default defineConfig([
  {
    ...neutral,
    entry: { ...index, ...priceList, ...noPriceList },
    dts: false,
    outputOptions: { ...shared.outputOptions, codeSplitting },
    inputOptions: { preserveEntrySignatures: 'allow-extension' }, // for names that chunks ask of each other
  },
  { ...declarations, entry: index },
  { ...declarations, entry: priceList },
  // What it takes from the rest is little; the entry of everybody stays one file.
  { ...neutral, entry: { 'log/index': 'src/log/index.ts' }, dts: { sourcemap: true } },
  { ...neutral, entry: { 'otel/index': 'src/otel/index.ts' }, dts: { sourcemap: true } },
  { ...neutral, entry: { 'resume/index': 'src/resume/index.ts' }, dts: { sourcemap: true } },
  { ...neutral, entry: { 'redis/index': 'src/redis/index.ts' }, dts: { sourcemap: true } },
  { ...neutral, entry: { 'postgres/index': 'src/postgres/index.ts' }, dts: { sourcemap: true } },
  { ...neutral, entry: { 'ui/index': 'src/ui/index.ts' }, dts: { sourcemap: true } },
  {
    ...shared,
    entry: ledger,
    platform: 'node',
    dts: false,
    deps: { neverBundle: '#ledger-page-script' },
    hooks: { 'build:done': writePageScript },
  },
  { ...declarations, entry: ledger },
  {
    ...shared,
    entry: { 'cli/main': 'src/cli/main.ts' },
    platform: 'node',
    dts: false,
    deps: { neverBundle: 'ai-composite/ledger' },
  },
  {
    ...shared,
    entry: { 'testing/index': 'src/testing/index.ts' },
    platform: 'node',
    dts: { sourcemap: true },
  },
]);

/** What the ledger's page runs in a browser is a text in the package, loaded when a page is made. */
async function writePageScript(): Promise<void> {
  const script = await bundlePageScript();
  writeFileSync('dist/ledger/page-script.js', `export const script = ${JSON.stringify(script)};\n`);
}

type Graph = { readonly getModuleInfo: (id: string) => Rolldown.ModuleInfo | null };

/** A module, those that it imports, and those that they import; but for what waits for an `import()`. */
function importedBy({
  module,
  graph,
}: {
  readonly module: string;
  readonly graph: Graph;
}): ReadonlySet<string> {
  const found = new Set([module]);
  for (const id of found)
    for (const imported of graph.getModuleInfo(id)?.importedIds ?? []) found.add(imported);
  return found;
}
