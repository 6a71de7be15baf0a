import { defineConfig } from 'tsdown';

// One file an entry, with chunks for what is loaded later; names without hashes, so that a stack trace reads well.
const shared = {
  format: 'esm',
  target: 'es2023',
  tsconfig: 'tsconfig.build.json',
  fixedExtension: false,
  hash: false,
  dts: { sourcemap: true },
  sourcemap: true,
} as const;

export default defineConfig([
  { ...shared, entry: { index: 'src/index.ts' }, platform: 'neutral' },
  { ...shared, entry: { 'testing/index': 'src/testing/index.ts' }, platform: 'node' },
]);
