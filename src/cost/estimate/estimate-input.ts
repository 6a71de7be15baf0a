import type { LanguageModelV4Prompt } from '@ai-sdk/provider';

/** Estimates the tokens of a text; replaceable by the user. */
export type EstimateTokens = (text: string) => number;

/** What a media part is taken for, in tokens, when nothing says more; images of the big providers are of this order. */
const mediaTokens = 1_000;

/** Estimates the tokens of a whole prompt: its texts, tool inputs and results; media at a flat figure. */
export function estimateInput({
  prompt,
  estimateTokens,
}: {
  readonly prompt: LanguageModelV4Prompt;
  readonly estimateTokens: EstimateTokens;
}): number {
  let tokens = 0;
  for (const message of prompt) {
    if (message.role === 'system') {
      tokens += estimateTokens(message.content);
      continue;
    }
    for (const part of message.content) {
      if (part.type === 'text' || part.type === 'reasoning') tokens += estimateTokens(part.text);
      else if (part.type === 'tool-call') tokens += estimateTokens(JSON.stringify(part.input) ?? '');
      else if (part.type === 'tool-result') tokens += estimateTokens(JSON.stringify(part.output) ?? '');
      else tokens += mediaTokens;
    }
  }
  return tokens;
}
