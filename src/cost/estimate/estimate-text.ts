import type { TextSample } from '../seen/observation.ts';
import type { EstimateTokens } from './estimate-input.ts';

/** Estimates the tokens of a text by its beginning. */
export function estimateText({
  text: { sample, length },
  estimateTokens,
}: {
  readonly text: TextSample;
  readonly estimateTokens: EstimateTokens;
}): number {
  if (length === 0) return 0;
  const tokens = (estimateTokens(sample) * length) / sample.length;
  // An answer that has text has a token; an estimator that returns nonsense changes nothing about that.
  return tokens > 1 && Number.isFinite(tokens) ? Math.round(tokens) : 1;
}
