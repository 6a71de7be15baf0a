import type { CostFlag } from '../cost.ts';
import type { Reading } from './reading.ts';

/** The counts of an OpenAI-shaped usage: details are normally part of the prompt and the completion. */
export type InclusiveCounts = {
  readonly prompt: number | undefined;
  readonly completion: number | undefined;
  readonly total: number | undefined;
  readonly cacheRead?: number | undefined;
  readonly cacheWrite?: number | undefined;
  readonly cacheWrite1h?: number | undefined;
  readonly cacheWrite12h?: number | undefined;
  readonly inputAudio?: number | undefined;
  readonly cacheReadAudio?: number | undefined;
  readonly inputImage?: number | undefined;
  readonly inputVideo?: number | undefined;
  readonly reasoning?: number | undefined;
  readonly outputAudio?: number | undefined;
  readonly outputImage?: number | undefined;
  /** The provider documents that reasoning is not part of the completion. */
  readonly reasoningIsSeparate?: boolean;
  /** What was noticed while the counts were read. */
  readonly flags?: readonly CostFlag[];
};

type Outside = { readonly reasoning: boolean; readonly cacheRead: boolean; readonly cacheWrite: boolean };

/** Which details can lie outside, the likelier first. */
const outsides: readonly Outside[] = [
  { reasoning: true, cacheRead: false, cacheWrite: false },
  { reasoning: false, cacheRead: true, cacheWrite: false },
  { reasoning: false, cacheRead: false, cacheWrite: true },
  { reasoning: false, cacheRead: true, cacheWrite: true },
  { reasoning: true, cacheRead: true, cacheWrite: false },
  { reasoning: true, cacheRead: false, cacheWrite: true },
  { reasoning: true, cacheRead: true, cacheWrite: true },
];

/**
 * Splits an OpenAI-shaped usage into disjoint buckets.
 *
 * Details count as part of the prompt or completion unless the numbers say otherwise: xAI leaves reasoning out of the
 * completion, proxies in front of Claude leave cached tokens out of the prompt, proxies in front of Gemini show
 * thoughts in the total only. The total tells which; without it, a detail larger than the whole must lie outside of
 * it. A total without one of its halves tells that half.
 */
export function splitInclusive(counts: InclusiveCounts): Reading {
  const { reasoning = 0, cacheRead = 0, total = 0, reasoningIsSeparate = false } = counts;
  const flags: CostFlag[] = counts.flags === undefined ? [] : [...counts.flags];
  const cacheWrite = Math.max(
    counts.cacheWrite ?? 0,
    (counts.cacheWrite1h ?? 0) + (counts.cacheWrite12h ?? 0),
  );
  const knownPrompt = counts.prompt ?? restOf({ total, known: counts.completion });
  const knownCompletion = counts.completion ?? restOf({ total, known: counts.prompt });
  if (counts.prompt === undefined && knownPrompt !== undefined) flags.push('input-estimated');
  if (counts.completion === undefined && knownCompletion !== undefined) flags.push('output-from-total');
  const prompt = knownPrompt ?? 0;
  const completion = knownCompletion ?? 0;
  const hasTotal = total > 0 && counts.prompt !== undefined && counts.completion !== undefined;
  const beyond = hasTotal ? total - prompt - completion : 0;
  const sizes = { reasoning, cacheRead, cacheWrite };

  const proven = beyond > 0 ? outsides.find(outside => sizeOf({ outside, sizes }) === beyond) : undefined;
  // A total that is no more than prompt and completion says that both are whole.
  const mayBeOutside = !hasTotal || beyond > 0 || reasoningIsSeparate;
  const outside = proven ?? {
    reasoning: (reasoning > completion && mayBeOutside) || (reasoningIsSeparate && !hasTotal),
    cacheRead: cacheRead > prompt,
    cacheWrite: cacheRead + cacheWrite > prompt && cacheWrite > 0,
  };
  if (outside.reasoning && reasoning > 0) flags.push('reasoning-outside-output');
  if (outside.cacheRead || outside.cacheWrite) flags.push('cache-outside-input');

  // What neither the parts nor their outside explain was generated: providers hide thoughts, never input.
  const unexplained = hasTotal && proven === undefined ? beyond - sizeOf({ outside, sizes }) : 0;
  const hidden = outside.cacheRead || outside.cacheWrite ? 0 : Math.max(0, unexplained);
  if (hidden > 0) flags.push('output-from-total');
  if (unexplained !== hidden) flags.push('total-mismatch');

  const uncached = prompt - (outside.cacheRead ? 0 : cacheRead) - (outside.cacheWrite ? 0 : cacheWrite);
  const reasoningTokens = outside.reasoning ? reasoning : Math.min(reasoning, completion);
  if (reasoningTokens < reasoning) flags.push('total-mismatch');
  const visible = completion - (outside.reasoning ? 0 : reasoningTokens);
  if (uncached < 0) flags.push('cached-exceeds-input');
  if ((counts.outputAudio ?? 0) + (counts.outputImage ?? 0) > visible) flags.push('total-mismatch');

  const cacheReadAudioTokens = Math.min(counts.cacheReadAudio ?? 0, cacheRead);
  const cacheWrite1hTokens = Math.min(counts.cacheWrite1h ?? 0, cacheWrite);
  const cacheWrite12hTokens = Math.min(counts.cacheWrite12h ?? 0, cacheWrite - cacheWrite1hTokens);
  // Media takes its part of what is left, never more: some servers count cached images and audio under both headings.
  let text = Math.max(0, uncached);
  const inputAudioTokens = within({ count: (counts.inputAudio ?? 0) - cacheReadAudioTokens, limit: text });
  text -= inputAudioTokens;
  const inputImageTokens = within({ count: counts.inputImage ?? 0, limit: text });
  text -= inputImageTokens;
  const inputVideoTokens = within({ count: counts.inputVideo ?? 0, limit: text });
  const outputAudioTokens = within({ count: counts.outputAudio ?? 0, limit: visible });
  const outputImageTokens = within({ count: counts.outputImage ?? 0, limit: visible - outputAudioTokens });
  return {
    shares: [
      {
        counts: {
          inputTokens: text - inputVideoTokens,
          inputAudioTokens,
          inputImageTokens,
          inputVideoTokens,
          cacheReadTokens: cacheRead - cacheReadAudioTokens,
          cacheReadAudioTokens,
          cacheWriteTokens: cacheWrite - cacheWrite1hTokens - cacheWrite12hTokens,
          cacheWrite1hTokens,
          cacheWrite12hTokens,
          outputTokens: visible - outputAudioTokens - outputImageTokens,
          outputAudioTokens,
          outputImageTokens,
          reasoningTokens: reasoningTokens + hidden,
        },
      },
    ],
    flags,
    inputKnown: knownPrompt !== undefined,
    outputKnown: knownCompletion !== undefined,
  };
}

/** The half of a total that was not told. None, where the other is all of it: then the total was not counted either. */
function restOf({
  total,
  known,
}: {
  readonly total: number;
  readonly known: number | undefined;
}): number | undefined {
  return known !== undefined && total > known ? total - known : undefined;
}

function within({ count, limit }: { readonly count: number; readonly limit: number }): number {
  return Math.max(0, Math.min(count, limit));
}

function sizeOf({
  outside,
  sizes,
}: {
  readonly outside: Outside;
  readonly sizes: Readonly<Record<keyof Outside, number>>;
}): number {
  return (
    (outside.reasoning ? sizes.reasoning : 0) +
    (outside.cacheRead ? sizes.cacheRead : 0) +
    (outside.cacheWrite ? sizes.cacheWrite : 0)
  );
}
