// Bundles a Worker as Wrangler sets it up, and runs the bundle: nothing in it needs Node or a file beside it.
import { writeFile } from 'node:fs/promises';
import { build } from 'esbuild';

const contents = `
  import { generateText } from 'ai';
  import { compositeMetadata, createComposite, createPriceCatalog } from 'ai-composite';
  import { priceList } from 'ai-composite/price-list';

  const modelOf = doGenerate => ({ specificationVersion: 'v4', provider: 'openai.chat', modelId: 'gpt-6-luna', supportedUrls: {}, doGenerate, doStream: doGenerate });
  const usage = { inputTokens: { total: 1_000 }, outputTokens: { total: 500 } };
  const down = modelOf(async () => { throw new Error('down'); });
  const up = modelOf(async () => ({ content: [{ type: 'text', text: 'Hello.' }], finishReason: { unified: 'stop' }, usage, warnings: [] }));
  const ai = createComposite({ tasks: { chat: [{ model: down, name: 'down' }, { model: up, name: 'up' }] }, pricing: { catalog: createPriceCatalog({ list: priceList }) } });
  const result = await generateText({ model: ai, prompt: 'Say hello.' });
  console.log(result.text, compositeMetadata(result)?.candidate, compositeMetadata(result)?.cost.status);
`;
const { outputFiles } = await build({
  stdin: { contents, resolveDir: import.meta.dirname },
  bundle: true,
  format: 'esm',
  platform: 'browser',
  target: 'es2024',
  conditions: ['workerd', 'worker', 'browser'],
  external: ['node:*'],
  write: false,
});
const file = new URL('worker.bundle.mjs', import.meta.url);
await writeFile(file, outputFiles[0]?.contents ?? '');
await import(file.href);
