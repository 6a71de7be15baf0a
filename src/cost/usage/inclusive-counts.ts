import type { CostFlag } from '../cost.ts';
import type { TokenCounts } from './bucket.ts';
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
  /** What the provider documents reasoning to come on top of: the completion, or the completion and the total. */
  readonly reasoningBeside?: 'completion' | 'total' | undefined;
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

/** Prompt, completion and their details with what was not said filled in, as far as the total tells it. */
type Whole = {
  readonly prompt: number;
  readonly completion: number;
  readonly reasoning: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  /** How much more the total is than prompt and completion; undefined where it proves nothing. */
  readonly beyond: number | undefined;
};

/**
 * Splits an OpenAI-shaped usage into disjoint buckets.
 *
 * Details count as part of the prompt or completion unless the numbers say otherwise: xAI leaves reasoning out of the
 * completion, proxies in front of Claude leave cached tokens out of the prompt, proxies in front of Gemini show
 * thoughts in the total only. The total tells which; without it, a detail larger than the whole must lie outside of
 * it. A total without one of its halves tells that half.
 */
export function splitInclusive(counts: InclusiveCounts): Reading {
  const flags: CostFlag[] = counts.flags === undefined ? [] : [...counts.flags];
  const { reasoning = 0, cacheRead = 0, total = 0 } = counts;
  const prompt = counts.prompt ?? restOf({ total, known: counts.completion });
  const completion = counts.completion ?? restOf({ total, known: counts.prompt });
  if (counts.prompt === undefined && prompt !== undefined) flags.push('input-estimated');
  if (counts.completion === undefined && completion !== undefined) flags.push('output-from-total');
  const hasTotal = total > 0 && counts.prompt !== undefined && counts.completion !== undefined;
  const whole: Whole = {
    prompt: prompt ?? 0,
    completion: completion ?? 0,
    reasoning,
    cacheRead,
    cacheWrite: Math.max(counts.cacheWrite ?? 0, (counts.cacheWrite1h ?? 0) + (counts.cacheWrite12h ?? 0)),
    beyond: hasTotal ? total - (prompt ?? 0) - (completion ?? 0) : undefined,
  };
  const { outside, hidden } = findOutside({ whole, counts, flags });
  return {
    shares: [
      {
        counts: {
          ...splitInput({ whole, counts, outside, flags }),
          ...splitOutput({ whole, counts, outside, hidden, flags }),
        },
      },
    ],
    flags,
    inputKnown: prompt !== undefined,
    outputKnown: completion !== undefined,
  };
}

type Split = {
  readonly whole: Whole;
  readonly counts: InclusiveCounts;
  readonly outside: Outside;
  readonly flags: CostFlag[];
};

/** Which details lie outside of prompt and completion, and how much was generated that only the total shows. */
function findOutside({ whole, counts, flags }: Omit<Split, 'outside'>): {
  readonly outside: Outside;
  readonly hidden: number;
} {
  const { prompt, completion, reasoning, cacheRead, cacheWrite, beyond } = whole;
  const { reasoningBeside } = counts;
  const proven =
    beyond !== undefined && beyond > 0
      ? outsides.find(outside => sizeOf({ outside, whole }) === beyond)
      : undefined;
  // A total that is no more than prompt and completion says that both are whole.
  const mayBeOutside = beyond === undefined || beyond > 0 || reasoningBeside !== undefined;
  const outside = proven ?? {
    reasoning:
      (reasoning > completion && mayBeOutside) ||
      reasoningBeside === 'total' ||
      (reasoningBeside === 'completion' && beyond === undefined),
    cacheRead: cacheRead > prompt,
    cacheWrite: cacheRead + cacheWrite > prompt && cacheWrite > 0,
  };
  if (outside.reasoning && reasoning > 0) flags.push('reasoning-outside-output');
  if (outside.cacheRead || outside.cacheWrite) flags.push('cache-outside-input');

  // What neither the parts nor their outside explain was generated: providers hide thoughts, never input.
  const isLeftOut = reasoningBeside === 'total' && beyond !== undefined && beyond < reasoning;
  const inTotal = isLeftOut ? { ...outside, reasoning: false } : outside;
  const unexplained =
    beyond !== undefined && proven === undefined ? beyond - sizeOf({ outside: inTotal, whole }) : 0;
  const hidden = outside.cacheRead || outside.cacheWrite ? 0 : Math.max(0, unexplained);
  if (hidden > 0) flags.push('output-from-total');
  if (unexplained !== hidden) flags.push('total-mismatch');
  return { outside, hidden };
}

function splitInput({ whole, counts, outside, flags }: Split): TokenCounts {
  const cacheRead = outside.cacheRead ? whole.cacheRead : Math.min(whole.cacheRead, whole.prompt);
  const unread = whole.prompt - (outside.cacheRead ? 0 : cacheRead);
  const cacheWrite = outside.cacheWrite ? whole.cacheWrite : Math.min(whole.cacheWrite, unread);
  if (cacheRead + cacheWrite < whole.cacheRead + whole.cacheWrite) flags.push('cached-exceeds-input');
  const cacheReadAudioTokens = Math.min(counts.cacheReadAudio ?? 0, cacheRead);
  const cacheWrite1hTokens = Math.min(counts.cacheWrite1h ?? 0, cacheWrite);
  const cacheWrite12hTokens = Math.min(counts.cacheWrite12h ?? 0, cacheWrite - cacheWrite1hTokens);
  // Media takes its part of what is left, never more: some servers count cached images and audio under both headings.
  let text = unread - (outside.cacheWrite ? 0 : cacheWrite);
  const inputAudioTokens = within({ count: (counts.inputAudio ?? 0) - cacheReadAudioTokens, limit: text });
  text -= inputAudioTokens;
  const inputImageTokens = within({ count: counts.inputImage ?? 0, limit: text });
  text -= inputImageTokens;
  const inputVideoTokens = within({ count: counts.inputVideo ?? 0, limit: text });
  return {
    inputTokens: text - inputVideoTokens,
    inputAudioTokens,
    inputImageTokens,
    inputVideoTokens,
    cacheReadTokens: cacheRead - cacheReadAudioTokens,
    cacheReadAudioTokens,
    cacheWriteTokens: cacheWrite - cacheWrite1hTokens - cacheWrite12hTokens,
    cacheWrite1hTokens,
    cacheWrite12hTokens,
  };
}

function splitOutput({
  whole: { completion, reasoning },
  counts,
  outside,
  hidden,
  flags,
}: Split & { readonly hidden: number }): TokenCounts {
  const reasoningTokens = outside.reasoning ? reasoning : Math.min(reasoning, completion);
  const visible = completion - (outside.reasoning ? 0 : reasoningTokens);
  const { outputAudio = 0, outputImage = 0 } = counts;
  if (reasoningTokens < reasoning || outputAudio + outputImage > visible) flags.push('total-mismatch');
  const outputAudioTokens = within({ count: outputAudio, limit: visible });
  const outputImageTokens = within({ count: outputImage, limit: visible - outputAudioTokens });
  return {
    outputTokens: visible - outputAudioTokens - outputImageTokens,
    outputAudioTokens,
    outputImageTokens,
    reasoningTokens: reasoningTokens + hidden,
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

function sizeOf({ outside, whole }: { readonly outside: Outside; readonly whole: Whole }): number {
  return (
    (outside.reasoning ? whole.reasoning : 0) +
    (outside.cacheRead ? whole.cacheRead : 0) +
    (outside.cacheWrite ? whole.cacheWrite : 0)
  );
}
