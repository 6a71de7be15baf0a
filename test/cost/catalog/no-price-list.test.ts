import { expect, test } from 'vitest';
import { priceList } from '../../../src/cost/catalog/no-price-list.ts';
import { createPriceCatalog, createPricing } from '../../../src/cost/index.ts';

const model = { provider: 'openai.chat', modelId: 'gpt-6-luna' };

test('a bundle without a list knows no price, and its warning says once per model how to ask for the list', async () => {
  const warnings: string[] = [];
  const pricing = createPricing({
    catalog: createPriceCatalog({ list: priceList }),
    onWarning: ({ message }) => warnings.push(message),
  });
  for (const _ of [1, 2]) {
    const usage = {
      inputTokens: { total: 10, noCache: 10, cacheRead: 0, cacheWrite: 0 },
      outputTokens: { total: 5, text: 5, reasoning: 0 },
    };
    const cost = await pricing
      .meter({ ...model, callOptions: { prompt: [] } })
      .settle({ outcome: 'success', usage });
    expect(cost).toMatchObject({ status: 'unknown' });
  }
  expect(warnings).toEqual([
    "ai-composite: No price is known for openai.chat gpt-6-luna (this bundle did not ask for the price list: import { priceList } from 'ai-composite/price-list' and set pricing: { catalog: createPriceCatalog({ list: priceList }) }); set it in USD per 1M tokens: prices: { 'openai/gpt-6-luna': { inputTokens: …, outputTokens: … } }",
  ]);
});

test('a bundle without a list has nothing to refresh, and says how to ask for it', async () => {
  const catalog = createPriceCatalog({ list: priceList });
  const newer = [{ id: 'openai', models: [{ id: 'm', match: { equals: 'm' }, prices: {} }] }];
  for (const from of ['genai-prices', { source: () => newer }] as const)
    await expect(catalog.refresh(from)).rejects.toThrow(
      "import { priceList } from 'ai-composite/price-list'",
    );
  expect(await catalog.list()).toEqual([]);
});

test('what is no price list is refused where it is handed in', () => {
  // As who imports it with `* as` may write it in JavaScript.
  const options = { list: { priceList } };
  // @ts-expect-error
  expect(() => createPriceCatalog(options)).toThrow(
    "Invalid list: must be the price list: import { priceList } from 'ai-composite/price-list' (got an object with priceList).",
  );
});
