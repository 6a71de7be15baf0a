import type { LanguageModelUsage } from 'ai';

/** Tokens of an answer; a count that no provider told is left out. */
export type MessageUsage = {
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly cacheReadTokens?: number;
  readonly reasoningTokens?: number;
};

/** The names of the counts. */
const usageNames = ['inputTokens', 'outputTokens', 'cacheReadTokens', 'reasoningTokens'] as const;

/** The counts of one step. */
export function usageOf({
  inputTokens,
  outputTokens,
  inputTokenDetails: { cacheReadTokens },
  outputTokenDetails: { reasoningTokens },
}: LanguageModelUsage): Counts {
  return { inputTokens, outputTokens, cacheReadTokens, reasoningTokens };
}

/** Adds counts. */
export function addUsage(...all: ReadonlyArray<Counts>): MessageUsage {
  const sum: { -readonly [NAME in keyof MessageUsage]: MessageUsage[NAME] } = {};
  for (const usage of all)
    for (const name of usageNames) {
      const count = usage[name];
      if (count !== undefined) sum[name] = (sum[name] ?? 0) + count;
    }
  return sum;
}

type Counts = { readonly [NAME in keyof MessageUsage]?: number | undefined };
