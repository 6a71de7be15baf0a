import { anthropic } from '@ai-sdk/anthropic';
import { google } from '@ai-sdk/google';
import { mistral } from '@ai-sdk/mistral';
import { openai } from '@ai-sdk/openai';

/** The providers whose models can be named on the command line; their keys come from the environment. */
const providers = { anthropic, google, mistral, openai };

/** Makes a model of a name such as `openai/gpt-6-luna`. */
export function languageModelOf(name: string) {
  const { provider, modelId } = read(name);
  return providers[provider](modelId);
}

/** Makes an embedding model of a name such as `openai/text-embedding-3-small`. */
export function embeddingModelOf(name: string) {
  const { provider, modelId } = read(name);
  if (provider === 'anthropic') throw new Error('Anthropic has no embedding models.');
  return providers[provider].embeddingModel(modelId);
}

/** Makes a decision model of a name such as `openai/gpt-6-luna`. */
export function decisionModelOf(name: string) {
  const { provider, modelId } = read(name);
  const made = providers[provider];
  if (!('decisionModel' in made)) throw new Error(`${provider} has no decision models.`);
  return made.decisionModel(modelId);
}

function read(name: string): { readonly provider: keyof typeof providers; readonly modelId: string } {
  const [provider = '', ...rest] = name.split('/');
  const known = (Object.keys(providers) as (keyof typeof providers)[]).find(own => own === provider);
  if (known === undefined || rest.length === 0)
    throw new Error(
      `"${name}" should be provider/model with one of these providers: ${Object.keys(providers).join(', ')}.`,
    );
  return { provider: known, modelId: rest.join('/') };
}
