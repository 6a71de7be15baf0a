// Bundles a Worker as users' bundlers do, runs each bundle, and prints what it says and whether the price list is in it.
import { copyFileSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { build as esbuild } from 'esbuild';
import { build as vite } from 'vite';
import webpack from 'webpack';

/** The SDK is large, and the same in every bundle: left out, this takes seconds. */
const left = ['ai', 'zod/v4', '@ai-sdk/provider'];

type Bundle = (options: { readonly entry: string; readonly outFolder: string }) => Promise<unknown>;

const withEsbuild =
  (platform: 'browser' | 'neutral' | 'node', splitting: boolean): Bundle =>
  ({ entry, outFolder }) =>
    esbuild({
      entryPoints: [entry],
      bundle: true,
      format: 'esm',
      platform,
      splitting,
      mainFields: ['module', 'main'],
      external: left,
      outdir: outFolder,
    });

const withWebpack =
  (target: 'web' | 'webworker' | 'node'): Bundle =>
  ({ entry, outFolder }) =>
    new Promise((resolve, reject) => {
      webpack(
        {
          mode: 'production',
          target,
          entry,
          experiments: { outputModule: true },
          externalsType: 'module',
          externals: left,
          output: { path: outFolder, module: true, filename: 'main.js', library: { type: 'module' } },
        },
        (error, stats) => {
          const problem =
            error ?? (stats?.hasErrors() ? new Error(stats.toString({ all: false, errors: true })) : null);
          return problem === null ? resolve(stats) : reject(problem);
        },
      );
    });

const withVite =
  (target: 'client' | 'node' | 'webworker'): Bundle =>
  ({ entry, outFolder }) =>
    vite({
      configFile: false,
      logLevel: 'error',
      ssr: target === 'client' ? {} : { target, noExternal: [/composite/, /genai-prices/] },
      build: {
        outDir: outFolder,
        ...(target === 'client' ? { lib: { entry, formats: ['es'], fileName: 'main' } } : { ssr: entry }),
        rollupOptions: { external: left, output: { entryFileNames: 'main.js' } },
      },
    });

const bundles: Readonly<Record<string, Bundle>> = {
  'esbuild browser': withEsbuild('browser', false),
  'esbuild neutral': withEsbuild('neutral', false),
  'esbuild node': withEsbuild('node', false),
  'esbuild node, split': withEsbuild('node', true),
  'vite client': withVite('client'),
  'vite node': withVite('node'),
  'vite webworker': withVite('webworker'),
  'webpack node': withWebpack('node'),
  'webpack web': withWebpack('web'),
  'webpack webworker': withWebpack('webworker'),
};

const folder = import.meta.dirname;
for (const [name, bundle] of Object.entries(bundles)) {
  for (const program of ['look-up', 'look-up-asked']) {
    const outFolder = path.join(folder, 'out', name, program);
    const main = path.join(folder, 'main.js');
    copyFileSync(path.join(folder, `${program}.js`), main);
    await bundle({ entry: main, outFolder });
    const worker = await import(path.join(outFolder, 'main.js'));
    const answer = await (await worker.default.fetch()).json();
    console.log(JSON.stringify({ name, program, hasList: hasList(outFolder), ...answer }));
  }
}

/** Looks for a word that is nowhere but in the data. */
function hasList(outFolder: string): boolean {
  const files = readdirSync(outFolder, { recursive: true, withFileTypes: true }).filter(file =>
    file.isFile(),
  );
  return files.some(file =>
    readFileSync(path.join(file.parentPath, file.name), 'utf8').includes('price_comments'),
  );
}
