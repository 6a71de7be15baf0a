import { defineConfig } from 'tsdown';

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

// Entries share code, and each has its declarations in one file.
const declarations = { ...neutral, dts: { sourcemap: true, emitDtsOnly: true } } as const;

export default defineConfig([
  {
    ...neutral,
    entry: { ...index, ...priceList, ...noPriceList },
    dts: false,
    // What the entry shares with what it loads later is one file, not one for each pair of them.
    outputOptions: { codeSplitting: { groups: [{ name: 'shared', minShareCount: 2 }] } },
  },
  { ...declarations, entry: index },
  { ...declarations, entry: priceList },
  // What it takes from the rest is little; the entry of everybody stays one file.
  { ...neutral, entry: { 'resume/index': 'src/resume/index.ts' }, dts: { sourcemap: true } },
  {
    ...shared,
    entry: { 'testing/index': 'src/testing/index.ts' },
    platform: 'node',
    dts: { sourcemap: true },
  },
]);
