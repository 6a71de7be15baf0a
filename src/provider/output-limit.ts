import type { LanguageModelV4CallOptions } from './sdk-types.ts';

/**
 * The longest answers of models whose limit is below what most models give today, in tokens, thoughts included; by the beginning
 * of the id, behind what stands before its last slash or dot. Sources: `@ai-sdk/anthropic` 4.0.105 (its model catalog),
 * developers.openai.com/api/docs/models and ai.google.dev/gemini-api/docs/models (2026-11).
 */
const limits: ReadonlyArray<readonly [id: RegExp, tokens: number]> = [
  [/^claude-(?:sonnet|opus|haiku)-4-5/, 64_000],
  [/^claude-sonnet-4(?:-\d{8}|@|$)/, 64_000],
  [/^claude-opus-4(?:-1|-\d{8}|@|$)/, 32_000],
  [/^claude-3-haiku/, 4_096],
  [/^claude-3-5-/, 8_192],
  [/^gpt-4\.1(?:-|$)/, 32_768],
  [/^gpt-4o(?:-|$)/, 16_384],
  [/^gpt-4-turbo/, 4_096],
  [/^gpt-3\.5-turbo/, 4_096],
  [/^o[134](?:-|$)/, 100_000],
  [/^gemini-(?:2\.5|3)/, 65_536],
  [/^gemini-(?:1\.5|2\.0)/, 8_192],
];

/** The longest answer of a model that is not known: no listed model gives more, 2026-11. */
const unknownLimit = 131_072;

/** The longest answer that a model gives, in tokens; where it is not known, what no model exceeds. */
export function outputLimitOf({ modelId }: { readonly modelId: string }): number {
  const name = modelId.toLowerCase().replace(/^.*\/|^(?:[a-z]{2,6}\.)?anthropic\./g, '');
  return limits.find(([pattern]) => pattern.test(name))?.[1] ?? unknownLimit;
}

/** Claude models that think in a budget of their own where the call asks for an effort. */
const thinksInBudget = /claude-(?:3-7|(?:sonnet|opus|haiku)-4(?:-[015]|-\d{8}|@|$))/;

/**
 * Tokens for thinking that a provider package adds to `maxOutputTokens`, so that an answer may be longer by them: the
 * Anthropic and Bedrock packages do so where thinking has a budget of its own. 0 for everybody else.
 */
export function thinkingBeside({
  model: { provider, modelId },
  options: { providerOptions, reasoning },
}: {
  readonly model: { readonly provider: string; readonly modelId: string };
  readonly options: Pick<LanguageModelV4CallOptions, 'providerOptions' | 'reasoning'>;
}): number {
  if (!/anthropic|bedrock/.test(provider)) return 0;
  const thinking = providerOptions?.anthropic?.thinking ?? providerOptions?.bedrock?.reasoningConfig;
  const isSet = typeof thinking === 'object' && thinking !== null && 'type' in thinking;
  if (isSet && thinking.type !== 'enabled') return 0;
  const budget = isSet && 'budgetTokens' in thinking ? thinking.budgetTokens : undefined;
  if (typeof budget === 'number' && budget > 0) return Math.ceil(budget);
  if (isSet) return 1_024;
  return asksToThink(reasoning) && thinksInBudget.test(modelId) ? outputLimitOf({ modelId }) : 0;
}

/** True where a call asks for thoughts before the answer. */
export function asksToThink(reasoning: LanguageModelV4CallOptions['reasoning']): boolean {
  return reasoning !== undefined && reasoning !== 'none' && reasoning !== 'provider-default';
}
