import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogle } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import type { LanguageModelV4 } from '@ai-sdk/provider';
import type { ProtocolName } from '../../src/testing/index.ts';

/** A real provider package, pointed at the fault server. */
export type Client = {
  readonly name: string;
  readonly protocol: ProtocolName;
  /** The key of this provider in provider metadata and options. */
  readonly metadataKey: string;
  readonly model: (baseUrl: string) => LanguageModelV4;
};

/** Every way an official package reaches one of the four protocols. */
export const clients: readonly Client[] = [
  {
    name: '@ai-sdk/openai responses',
    protocol: 'openai-responses',
    metadataKey: 'openai',
    model: baseURL => createOpenAI({ baseURL, apiKey: 'test' }).responses('gpt-6-sol'),
  },
  {
    name: '@ai-sdk/openai chat',
    protocol: 'openai-chat',
    metadataKey: 'openai',
    model: baseURL => createOpenAI({ baseURL, apiKey: 'test' }).chat('gpt-6-sol'),
  },
  {
    name: '@ai-sdk/openai-compatible',
    protocol: 'openai-chat',
    metadataKey: 'relay',
    model: baseURL =>
      createOpenAICompatible({ name: 'relay', baseURL, apiKey: 'test', includeUsage: true })(
        'claude-sonnet-5',
      ),
  },
  {
    name: '@ai-sdk/google',
    protocol: 'google',
    metadataKey: 'google',
    model: baseURL => createGoogle({ baseURL, apiKey: 'test' })('gemini-3.8-flash'),
  },
  {
    name: '@ai-sdk/anthropic',
    protocol: 'anthropic',
    metadataKey: 'anthropic',
    model: baseURL => createAnthropic({ baseURL, apiKey: 'test' })('claude-sonnet-5'),
  },
];
