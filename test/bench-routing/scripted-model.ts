import type { LanguageModelV4, LanguageModelV4CallOptions, LanguageModelV4Usage } from '@ai-sdk/provider';

/** What a model answers to one request. */
export type ScriptedAnswer = {
  readonly text: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
};

/** A model that answers at once what it was recorded to answer. */
export function scriptedModel({
  provider,
  modelId,
  answer,
}: {
  readonly provider: string;
  readonly modelId: string;
  readonly answer: (options: LanguageModelV4CallOptions) => ScriptedAnswer;
}): LanguageModelV4 {
  return {
    specificationVersion: 'v4',
    provider,
    modelId,
    supportedUrls: {},
    doGenerate: async options => {
      const { text, ...tokens } = answer(options);
      return {
        content: [{ type: 'text', text }],
        finishReason: { unified: 'stop', raw: 'stop' },
        usage: usageOf(tokens),
        warnings: [],
      };
    },
    doStream: () => {
      throw new Error('Nothing is streamed in this benchmark.');
    },
  };
}

function usageOf({ inputTokens, outputTokens }: Omit<ScriptedAnswer, 'text'>): LanguageModelV4Usage {
  return {
    inputTokens: { total: inputTokens, noCache: inputTokens, cacheRead: 0, cacheWrite: 0 },
    outputTokens: { total: outputTokens, text: outputTokens, reasoning: 0 },
  };
}
