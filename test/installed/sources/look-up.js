// A Worker that knows nothing of bundles: it looks a price up, and tells where the answer is from.
import { createPriceCatalog } from 'ai-composite';

export default {
  fetch: async () => {
    const model = { provider: 'openai', modelId: 'gpt-6-luna' };
    const { price, source, why } = await createPriceCatalog().lookUp(model);
    return Response.json({ inputTokens: price?.inputTokens, source, why });
  },
};
