import type { EstimateTokens } from '../estimate/estimate-input.ts';

const sampleLength = 1_024;

/** Remembers enough of a text to estimate its tokens: how long it was, and its beginning. */
export type TextSample = {
  readonly add: (text: string) => void;
  readonly estimate: (estimateTokens: EstimateTokens) => number;
};

/**
 * Makes an empty sample. It holds at most two thousand characters whatever the text: a stream must not be kept to
 * learn what it cost.
 */
export function createTextSample(): TextSample {
  let sample = '';
  let length = 0;
  return {
    add: text => {
      length += text.length;
      if (sample.length < sampleLength)
        sample += text.length <= sampleLength ? text : text.slice(0, sampleLength);
    },
    estimate: estimateTokens => {
      if (length === 0) return 0;
      const tokens = (estimateTokens(sample) * length) / sample.length;
      // An answer that has text has a token; an estimator that returns nonsense changes nothing about that.
      return tokens > 1 && Number.isFinite(tokens) ? Math.round(tokens) : 1;
    },
  };
}
