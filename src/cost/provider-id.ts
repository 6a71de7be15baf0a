/** The catalog's name for a provider of the AI SDK, by the first words of the model's `provider`. */
const catalogIds: Readonly<Record<string, string>> = {
  openai: 'openai',
  anthropic: 'anthropic',
  google: 'google',
  vertex: 'google',
  'google-vertex': 'google',
  azure: 'azure',
  'azure-openai': 'azure',
  'azure-anthropic': 'azure',
  'amazon-bedrock': 'aws',
  bedrock: 'aws',
  aws: 'aws',
  xai: 'x-ai',
  'x-ai': 'x-ai',
  groq: 'groq',
  deepseek: 'deepseek',
  mistral: 'mistral',
  cohere: 'cohere',
  cerebras: 'cerebras',
  perplexity: 'perplexity',
  openrouter: 'openrouter',
  moonshotai: 'moonshotai',
  moonshot: 'moonshotai',
  fireworks: 'fireworks',
  togetherai: 'together',
  together: 'together',
  zai: 'zai',
  zhipu: 'zhipuai',
  zhipuai: 'zhipuai',
  minimax: 'minimax',
  novita: 'novita',
  baseten: 'baseten',
  databricks: 'databricks',
  'workers-ai': 'cloudflare',
  workersai: 'cloudflare',
  cloudflare: 'cloudflare',
  'github-copilot': 'github-copilot',
  ovhcloud: 'ovhcloud',
};

/** What comes before the first dot: `openai` of `openai.responses`. */
export function vendorOf(provider: string): string {
  const dot = provider.indexOf('.');
  return dot === -1 ? provider : provider.slice(0, dot);
}

const known = new Map(Object.entries(catalogIds));

/** The catalog's id of a provider, or undefined for one the catalog has no prices of, such as an aggregator. */
export function catalogProviderOf(provider: string): string | undefined {
  return known.get(vendorOf(provider).toLowerCase());
}
