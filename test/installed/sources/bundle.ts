// Bundles the SDK alone and the SDK with us, as esbuild does by itself and as Wrangler sets it up; prints how large each is.
import { gzipSync } from 'node:zlib';
import { type BuildOptions, build } from 'esbuild';

const sdk = "export { generateText, streamText, wrapLanguageModel } from 'ai';";
const withUs = `${sdk} export { createComposite, compositeMetadata } from 'ai-composite';`;

const settings: Readonly<Record<string, BuildOptions>> = {
  esbuild: { platform: 'node' },
  // As in Wrangler 4: the conditions of workerd, main fields in esbuild's order for a browser, one file.
  wrangler: { platform: 'browser', target: 'es2024', conditions: ['workerd', 'worker', 'browser'] },
};

for (const [name, options] of Object.entries(settings)) {
  const [alone, together] = await Promise.all([sdk, withUs].map(contents => measure({ contents, options })));
  console.log(JSON.stringify({ name, alone, together }));
}

async function measure({ contents, options }: { readonly contents: string; readonly options: BuildOptions }) {
  const { outputFiles, metafile } = await build({
    ...options,
    stdin: { contents, resolveDir: import.meta.dirname },
    bundle: true,
    minify: true,
    format: 'esm',
    write: false,
    metafile: true,
    outdir: 'out',
    external: ['node:*', '@pydantic/genai-prices'], // the price list is a chunk of its own, loaded on demand
  });
  const inputs = Object.values(metafile.outputs).flatMap(output => Object.entries(output.inputs));
  // The index has no words: where code is loaded later, a bundle of one file keeps a line of it that does nothing.
  const locales = inputs.filter(
    ([file, { bytesInOutput }]) => bytesInOutput > 0 && /\/locales\/(?!index\.js$)/.test(file),
  );
  return {
    gzipKb: Math.round(outputFiles.reduce((sum, file) => sum + gzipSync(file.contents).length, 0) / 1_000),
    zodLocales: locales.map(([file]) => file.replace(/^.*\//, '')),
  };
}
