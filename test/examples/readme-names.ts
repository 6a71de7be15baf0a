// What the snippets of README.md and docs/ may use without saying where it comes from, and stand-ins for the providers they import.

import { createOpenAI as createRealOpenAI, type OpenAIProviderSettings } from '@ai-sdk/openai';
import {
  APICallError,
  type LanguageModelV4,
  type LanguageModelV4Usage,
  type SharedV4Headers,
} from '@ai-sdk/provider';
import { convertArrayToReadableStream, MockEmbeddingModelV4, MockLanguageModelV4 } from 'ai/test';
import { createComposite } from 'ai-composite';

export { generateText, streamText, wrapLanguageModel } from 'ai';

const usage: LanguageModelV4Usage = {
  inputTokens: { total: 1_000, noCache: 1_000, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 500, text: 500, reasoning: 0 },
};
const finishReason = { unified: 'stop', raw: 'stop' } as const;
const headers: SharedV4Headers = {};

/** A provider whose models say hello and have used 1,000 and 500 tokens. */
function scriptedProvider(provider: string): (modelId: string) => LanguageModelV4 {
  return modelId =>
    new MockLanguageModelV4({
      provider,
      modelId,
      doGenerate: async () => ({
        content: [{ type: 'text', text: 'Hello.' }],
        finishReason,
        usage,
        warnings: [],
      }),
      doStream: async () => ({
        stream: convertArrayToReadableStream([
          { type: 'stream-start', warnings: [] },
          { type: 'text-start', id: '1' },
          { type: 'text-delta', id: '1', delta: 'Hello.' },
          { type: 'text-end', id: '1' },
          { type: 'finish', finishReason, usage },
        ]),
        response: { headers },
      }),
    });
}

export const openai = Object.assign(scriptedProvider('openai.responses'), {
  embeddingModel: (modelId: string) => new MockEmbeddingModelV4({ provider: 'openai.embedding', modelId }),
  decisionModel: (modelId: string) => ({
    provider: 'openai.decision',
    modelId,
    doDecide: async () => ({ answers: {} }),
  }),
});
export const google = scriptedProvider('google.generative-ai');

export const anthropic = scriptedProvider('anthropic.messages');

export const createOpenAICompatible = ({ name }: { readonly name: string }) =>
  scriptedProvider(`${name}.chat`);

/** The real package where a snippet brings a server; OpenAI, with a key that it refuses, where it brings none. */
export const createOpenAI = (settings: OpenAIProviderSettings): ((modelId: string) => LanguageModelV4) =>
  settings.baseURL === undefined ? refusing : createRealOpenAI(settings);

const refusing = (modelId: string): LanguageModelV4 => {
  const refuse = async () => {
    throw new APICallError({
      message: 'Incorrect API key provided.',
      url: 'https://api.openai.com/v1/responses',
      requestBodyValues: {},
      statusCode: 401,
    });
  };
  return new MockLanguageModelV4({
    provider: 'openai.responses',
    modelId,
    doGenerate: refuse,
    doStream: refuse,
  });
};

export const prompt = 'Say hello.';

/** The composite of the README's start. */
export const ai = createComposite({
  tasks: {
    code: [openai('gpt-6-sol'), google('gemini-3.1-pro-preview')],
    fast: [google('gemini-3.8-flash'), openai('gpt-6-luna')],
  },
});
