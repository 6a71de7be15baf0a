import type { CostFlag } from '../cost.ts';
import { googleMetadata } from '../seen/grounding.ts';
import type { TokenCounts } from './bucket.ts';
import type { Reading } from './reading.ts';
import { createCountOf, fieldOf } from './token-count.ts';

/**
 * Reads the usage of the Gemini API, direct and on Vertex AI.
 *
 * Cached tokens are part of `promptTokenCount`; thoughts are not part of `candidatesTokenCount`; what server-side
 * tools put into the prompt is counted apart and billed as input. A count of 0 is left out of the JSON. Details split
 * each count by modality (ai.google.dev/api/generate-content#UsageMetadata, 2026-11).
 *
 * A long-context line is tested on the prompt alone: tool results belong to calls of their own, and an answer that
 * was continued automatically sums the prompts of its requests, of which the provider package reports the first.
 */
export function readGoogleUsage({
  raw,
  providerMetadata,
}: {
  readonly raw: unknown;
  readonly providerMetadata: unknown;
}): Reading {
  const flags: CostFlag[] = [];
  const count = createCountOf(flags);
  const answer: Answer = {
    flags,
    countOf: name => count(raw, name) ?? 0,
    partOf: ({ field, modality }) =>
      modalityCount({ details: fieldOf(raw, field), modality, countOf: count }),
  };
  const first = count(googleMetadata(providerMetadata), 'initialPromptTokenCount');
  const isKnown = ['promptTokenCount', 'candidatesTokenCount', 'totalTokenCount'].some(
    name => count(raw, name) !== undefined,
  );
  return {
    shares: [
      {
        tierInputTokens: first ?? answer.countOf('promptTokenCount'),
        counts: { ...readInput(answer), ...readOutput(answer) },
      },
    ],
    flags,
    inputKnown: isKnown,
    outputKnown: isKnown,
  };
}

type Modality = 'AUDIO' | 'IMAGE' | 'VIDEO';

/** The counts of one usage. */
type Answer = {
  readonly flags: CostFlag[];
  readonly countOf: (name: string) => number;
  readonly partOf: (part: { readonly field: string; readonly modality: Modality }) => number;
};

function readInput({ flags, countOf, partOf }: Answer): TokenCounts {
  const input = countOf('promptTokenCount') + countOf('toolUsePromptTokenCount');
  const cached = countOf('cachedContentTokenCount');
  if (cached > input) flags.push('cached-exceeds-input');
  const inputOf = (modality: Modality) =>
    partOf({ field: 'promptTokensDetails', modality }) +
    partOf({ field: 'toolUsePromptTokensDetails', modality });
  const cachedOf = (modality: Modality) => partOf({ field: 'cacheTokensDetails', modality });
  const cacheReadTokens = Math.min(cached, input);
  const cacheReadAudioTokens = Math.min(cachedOf('AUDIO'), cacheReadTokens);
  const cacheReadImageTokens = Math.min(cachedOf('IMAGE'), cacheReadTokens - cacheReadAudioTokens);
  let fresh = input - cacheReadTokens;
  const take = (count: number) => {
    const taken = Math.max(0, Math.min(count, fresh));
    fresh -= taken;
    return taken;
  };
  const inputAudioTokens = take(inputOf('AUDIO') - cacheReadAudioTokens);
  const inputImageTokens = take(inputOf('IMAGE') - cacheReadImageTokens);
  const inputVideoTokens = take(inputOf('VIDEO') - cachedOf('VIDEO'));
  return {
    inputTokens: fresh,
    inputAudioTokens,
    inputImageTokens,
    inputVideoTokens,
    cacheReadTokens: cacheReadTokens - cacheReadAudioTokens - cacheReadImageTokens,
    cacheReadAudioTokens,
    cacheReadImageTokens,
  };
}

function readOutput({ flags, countOf, partOf }: Answer): TokenCounts {
  const prompt = countOf('promptTokenCount');
  const answer = countOf('candidatesTokenCount');
  const thoughts = countOf('thoughtsTokenCount');
  const total = countOf('totalTokenCount');
  const field = 'candidatesTokensDetails';
  const outputAudioTokens = Math.min(partOf({ field, modality: 'AUDIO' }), answer);
  const outputImageTokens = Math.min(partOf({ field, modality: 'IMAGE' }), answer - outputAudioTokens);
  // Thoughts have been seen in the total alone; what is not input there was generated.
  const hidden = Math.max(0, total - prompt - countOf('toolUsePromptTokenCount') - answer - thoughts);
  if (hidden > 0) flags.push('output-from-total');
  // Some servers leave the tool's part out of the total.
  if (total > 0 && total < prompt + answer + thoughts) flags.push('total-mismatch');
  return {
    outputTokens: answer - outputAudioTokens - outputImageTokens,
    outputAudioTokens,
    outputImageTokens,
    reasoningTokens: thoughts + hidden,
  };
}

/** What the Interactions API calls the counts (ai.google.dev/api/interactions-api, Usage, 2026-11). */
const interactionNames: Readonly<Record<string, string>> = {
  total_input_tokens: 'promptTokenCount',
  total_tool_use_tokens: 'toolUsePromptTokenCount',
  total_output_tokens: 'candidatesTokenCount',
  total_thought_tokens: 'thoughtsTokenCount',
  total_cached_tokens: 'cachedContentTokenCount',
  total_tokens: 'totalTokenCount',
  input_tokens_by_modality: 'promptTokensDetails',
  tool_use_tokens_by_modality: 'toolUsePromptTokensDetails',
  output_tokens_by_modality: 'candidatesTokensDetails',
  cached_tokens_by_modality: 'cacheTokensDetails',
};

/** Gives the usage of an interaction the names that {@link readGoogleUsage} reads. */
export function fromInteraction(raw: unknown): object {
  return Object.fromEntries(
    Object.entries(Object(raw)).map(([name, value]) => [interactionNames[name] ?? name, value]),
  );
}

function modalityCount({
  details,
  modality,
  countOf,
}: {
  readonly details: unknown;
  readonly modality: string;
  readonly countOf: ReturnType<typeof createCountOf>;
}): number {
  if (!Array.isArray(details)) return 0;
  let sum = 0;
  // Interactions say `{ modality: 'audio', tokens: 5 }`.
  for (const detail of details)
    if (String(fieldOf(detail, 'modality')).toUpperCase() === modality)
      sum += countOf(detail, 'tokenCount') ?? countOf(detail, 'tokens') ?? 0;
  return sum;
}
