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
  readonly model: (baseUrl: string, settings?: { readonly fetch: typeof fetch }) => LanguageModelV4;
};

/** Every way an official package reaches one of the four protocols. */
export const clients: readonly Client[] = [
  {
    name: '@ai-sdk/openai responses',
    protocol: 'openai-responses',
    metadataKey: 'openai',
    model: (baseURL, settings) =>
      createOpenAI({ baseURL, apiKey: 'test', ...settings }).responses('gpt-6-sol'),
  },
  {
    name: '@ai-sdk/openai chat',
    protocol: 'openai-chat',
    metadataKey: 'openai',
    model: (baseURL, settings) => createOpenAI({ baseURL, apiKey: 'test', ...settings }).chat('gpt-6-sol'),
  },
  {
    name: '@ai-sdk/openai-compatible',
    protocol: 'openai-chat',
    metadataKey: 'relay',
    model: (baseURL, settings) =>
      createOpenAICompatible({ name: 'relay', baseURL, apiKey: 'test', includeUsage: true, ...settings })(
        'claude-sonnet-5',
      ),
  },
  {
    name: '@ai-sdk/google',
    protocol: 'google',
    metadataKey: 'google',
    model: (baseURL, settings) => createGoogle({ baseURL, apiKey: 'test', ...settings })('gemini-3.8-flash'),
  },
  {
    name: '@ai-sdk/anthropic',
    protocol: 'anthropic',
    metadataKey: 'anthropic',
    model: (baseURL, settings) =>
      createAnthropic({ baseURL, apiKey: 'test', ...settings })('claude-sonnet-5'),
  },
];
