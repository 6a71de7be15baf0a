// The same for an edge runtime that asks for the list, and takes a newer one.
import { createPriceCatalog } from 'ai-composite';
import { priceList } from 'ai-composite/price-list';

const catalog = createPriceCatalog({ list: priceList });
const models = [
  { id: 'gpt-6-luna', match: { equals: 'gpt-6-luna' }, prices: { input_mtok: 7, output_mtok: 9 } },
];
const newer = [{ id: 'openai', name: 'OpenAI', api_pattern: 'openai', models }];

export default {
  fetch: async () => {
    const model = { provider: 'openai', modelId: 'gpt-6-luna' };
    const { price, source, why } = await catalog.lookUp(model);
    await catalog.refresh({ source: () => newer });
    const refreshed = (await catalog.lookUp(model)).price?.inputTokens;
    return Response.json({ inputTokens: price?.inputTokens, source, why, refreshed });
  },
};
