import type { LanguageModelV4CallOptions } from '@ai-sdk/provider';

/** Estimates the tokens of a text; replaceable by the user. */
export type EstimateTokens = (text: string) => number;

/**
 * What an image is taken for: about what one of ordinary size costs at Google (258) and, small, at OpenAI; the
 * estimate should not exceed.
 */
const imageTokens = 250;

/**
 * Estimates the input tokens of a request: texts, tool calls and results, and the tools' descriptions. Media other
 * than images counts 0.
 */
export function estimateInput({
  callOptions,
  estimateTokens,
}: {
  readonly callOptions: Pick<LanguageModelV4CallOptions, 'prompt' | 'tools'>;
  readonly estimateTokens: EstimateTokens;
}): number {
  const { prompt, tools = [] } = callOptions;
  let tokens = 0;
  const add = (value: unknown) => {
    const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
    tokens += estimateTokens(text);
  };
  for (const tool of tools)
    if (tool.type === 'function')
      add({ name: tool.name, description: tool.description, inputSchema: tool.inputSchema });
  for (const message of prompt) {
    if (message.role === 'system') {
      add(message.content);
      continue;
    }
    for (const part of message.content) {
      if (part.type === 'text' || part.type === 'reasoning') add(part.text);
      else if (part.type === 'tool-call') add(part.input);
      else if (part.type === 'tool-result') add(part.output);
      else if (part.type === 'file' && part.mediaType.startsWith('image')) tokens += imageTokens;
    }
  }
  return tokens > 0 && Number.isFinite(tokens) ? Math.round(tokens) : 0;
}
