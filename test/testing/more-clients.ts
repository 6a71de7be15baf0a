import { createDeepSeek } from '@ai-sdk/deepseek';
import { createOpenRouter } from '@openrouter/ai-sdk-provider';
import type { Client } from './clients.ts';

/** Packages that make up a finish where the provider sent none: with `other`, and OpenRouter's also with `tool-calls`. */
export const moreClients: readonly Client[] = [
  {
    name: '@openrouter/ai-sdk-provider',
    protocol: 'openai-chat',
    metadataKey: 'openrouter',
    model: baseURL => createOpenRouter({ baseURL, apiKey: 'test' }).chat('z-ai/glm-5'),
  },
  {
    name: '@ai-sdk/deepseek',
    protocol: 'openai-chat',
    metadataKey: 'deepseek',
    model: baseURL => createDeepSeek({ baseURL, apiKey: 'test' })('deepseek-chat'),
  },
];
