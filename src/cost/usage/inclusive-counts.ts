import type { TokenCounts } from '../bucket.ts';
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
 * completion, proxies in front of Claude leave cached tokens out of the prompt, proxies in front of Gemini show thoughts in
 * the total only. The total tells which; without it, a detail larger than the whole must lie outside of it.
 */
export function splitInclusive(counts: InclusiveCounts): Reading {
  const { prompt = 0, completion = 0, reasoning = 0, cacheRead = 0 } = counts;
  const cacheWrite = Math.max(
    counts.cacheWrite ?? 0,
    (counts.cacheWrite1h ?? 0) + (counts.cacheWrite12h ?? 0),
  );
  const flags: CostFlag[] = [];
  const hasTotal = (counts.total ?? 0) > 0 && counts.prompt !== undefined && counts.completion !== undefined;
  const beyond = hasTotal ? (counts.total ?? 0) - prompt - completion : 0;
  const sizes = { reasoning, cacheRead, cacheWrite };

  const proven = beyond > 0 ? outsides.find(outside => sizeOf({ outside, sizes }) === beyond) : undefined;
  const outside = proven ?? {
    reasoning: reasoning > completion || (counts.reasoningIsSeparate === true && !hasTotal),
    cacheRead: cacheRead > prompt,
    cacheWrite: cacheRead + cacheWrite > prompt && cacheWrite > 0,
  };
  if (outside.reasoning && reasoning > 0) flags.push('reasoning-outside-output');
  if (outside.cacheRead || outside.cacheWrite) flags.push('cache-outside-input');

  // What neither the parts nor their outside explain was generated: providers hide thoughts, never input.
  const hidden =
    proven === undefined && outside.reasoning === false && !outside.cacheRead && !outside.cacheWrite
      ? Math.max(0, beyond)
      : 0;
  if (hidden > 0) flags.push('output-from-total');
  if (beyond < 0) flags.push('total-mismatch');

  const input = splitInput({ counts, prompt, cacheRead, cacheWrite, outside, flags });
  const output = splitOutput({ counts, completion, reasoning, outside, flags });
  return {
    shares: [{ counts: { ...input, ...output, reasoningTokens: output.reasoningTokens + hidden } }],
    flags,
    inputKnown: counts.prompt !== undefined,
    outputKnown: counts.completion !== undefined,
  };
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

function splitInput({
  counts,
  prompt,
  cacheRead,
  cacheWrite,
  outside,
  flags,
}: {
  readonly counts: InclusiveCounts;
  readonly prompt: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly outside: Outside;
  readonly flags: CostFlag[];
}): TokenCounts {
  const cacheReadAudio = Math.min(counts.cacheReadAudio ?? 0, cacheRead);
  const audio = Math.max(0, (counts.inputAudio ?? 0) - cacheReadAudio);
  const image = counts.inputImage ?? 0;
  const video = counts.inputVideo ?? 0;
  const cachedInside = (outside.cacheRead ? 0 : cacheRead) + (outside.cacheWrite ? 0 : cacheWrite);
  const uncached = prompt - cachedInside;
  if (uncached < 0) flags.push('cached-exceeds-input');
  // Some servers count cached images and audio under both headings; the cached rate is the one they are billed at.
  const media = Math.min(audio + image + video, Math.max(0, uncached));
  const scale = audio + image + video === 0 ? 0 : media / (audio + image + video);
  const inputAudioTokens = Math.round(audio * scale);
  const inputImageTokens = Math.round(image * scale);
  const cacheWrite1hTokens = Math.min(counts.cacheWrite1h ?? 0, cacheWrite);
  const cacheWrite12hTokens = Math.min(counts.cacheWrite12h ?? 0, cacheWrite - cacheWrite1hTokens);
  return {
    inputTokens: Math.max(0, uncached) - media,
    inputAudioTokens,
    inputImageTokens,
    inputVideoTokens: media - inputAudioTokens - inputImageTokens,
    cacheReadTokens: cacheRead - cacheReadAudio,
    cacheReadAudioTokens: cacheReadAudio,
    cacheWriteTokens: cacheWrite - cacheWrite1hTokens - cacheWrite12hTokens,
    cacheWrite1hTokens,
    cacheWrite12hTokens,
  };
}

function splitOutput({
  counts,
  completion,
  reasoning,
  outside,
  flags,
}: {
  readonly counts: InclusiveCounts;
  readonly completion: number;
  readonly reasoning: number;
  readonly outside: Outside;
  readonly flags: CostFlag[];
}): TokenCounts & { readonly outputTokens: number; readonly reasoningTokens: number } {
  const audio = counts.outputAudio ?? 0;
  const image = counts.outputImage ?? 0;
  const visible = completion - (outside.reasoning ? 0 : reasoning);
  if (audio + image > visible) flags.push('total-mismatch');
  const outputAudioTokens = Math.min(audio, Math.max(0, visible));
  const outputImageTokens = Math.min(image, Math.max(0, visible - outputAudioTokens));
  return {
    outputTokens: Math.max(0, visible - outputAudioTokens - outputImageTokens),
    outputAudioTokens,
    outputImageTokens,
    reasoningTokens: reasoning,
  };
}
