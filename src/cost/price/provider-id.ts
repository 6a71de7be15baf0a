/** Ids of the catalog that a provider goes by in the AI SDK, or in the catalog's own list. */
const sameIds =
  'openai anthropic google azure aws x-ai groq deepseek mistral cohere cerebras perplexity ' +
  'openrouter moonshotai fireworks together zai zhipuai minimax novita baseten databricks ' +
  'cloudflare github-copilot ovhcloud';

/** The catalog's name for the other providers of the AI SDK, by the first words of the model's `provider`. */
const catalogIds: Readonly<Record<string, string>> = {
  vertex: 'google',
  'google-vertex': 'google',
  googlevertex: 'google',
  'azure-openai': 'azure',
  'azure-anthropic': 'azure',
  'amazon-bedrock': 'aws',
  bedrock: 'aws',
  'bedrock-mantle': 'aws',
  xai: 'x-ai',
  moonshot: 'moonshotai',
  togetherai: 'together',
  zhipu: 'zhipuai',
  'workers-ai': 'cloudflare',
  workersai: 'cloudflare',
};

/** What comes before the first dot: `openai` of `openai.responses`. */
export function vendorOf(provider: string): string {
  const dot = provider.indexOf('.');
  return dot === -1 ? provider : provider.slice(0, dot);
}

const known = new Map([...sameIds.split(' ').map(id => [id, id] as const), ...Object.entries(catalogIds)]);

/** The catalog's id of a provider, or undefined for one the catalog has no prices of, such as an aggregator. */
export function catalogProviderOf(provider: string): string | undefined {
  return known.get(vendorOf(provider).toLowerCase());
}
