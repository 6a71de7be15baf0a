import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);

/** Runs code in a Node of its own and returns every module it asked for. */
async function modulesOf(code: string): Promise<readonly string[]> {
  const script = `
    import { registerHooks } from 'node:module';
    const asked = [];
    registerHooks({ resolve: (name, context, next) => { asked.push(name); return next(name, context); } });
    const { createPricing, createPriceCatalog } = await import(${JSON.stringify(new URL('../../../src/index.ts', import.meta.url).href)});
    ${code}
    console.log(JSON.stringify(asked));
  `;
  const { stdout } = await run(
    process.execPath,
    [
      '--conditions=ai-composite-source',
      '--input-type=module',
      '--disable-warning=ExperimentalWarning',
      '-e',
      script,
    ],
    { env: { PATH: process.env.PATH ?? '' } },
  );
  const names: unknown = JSON.parse(stdout);
  return Array.isArray(names) ? names.map(String) : [];
}

const catalog = '@pydantic/genai-prices';
const settle = `await createPricing({ prices: { 'p/*': { inputTokens: 1, outputTokens: 1 } }, now: () => 0 }).meter({ provider: 'p', modelId: 'm', callOptions: { prompt: [] } }).settle({ outcome: 'abort' });`;

test('importing and pricing with own prices does not load the catalog, the first list price does', async () => {
  expect(await modulesOf('createPricing(); createPriceCatalog();')).not.toContain(catalog);
  expect(await modulesOf(settle)).not.toContain(catalog);
  expect(
    await modulesOf(`await createPriceCatalog().lookUp({ provider: 'openai', modelId: 'gpt-6-sol' });`),
  ).toContain(catalog);
});
