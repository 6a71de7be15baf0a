import type { EstimateTokens } from './estimate-input.ts';

const sampleLength = 1_024;

/** Remembers enough of an output to estimate its tokens: how long it was, and its first characters. */
export type OutputSample = {
  readonly add: (text: string) => void;
  readonly estimate: (estimateTokens: EstimateTokens) => number;
};

/** Makes an empty sample. It never holds more than a kilobyte: a stream must not be kept to learn what it cost. */
export function createOutputSample(): OutputSample {
  let text = '';
  let length = 0;
  return {
    add: delta => {
      length += delta.length;
      if (text.length < sampleLength) text += delta;
    },
    estimate: estimateTokens => (length === 0 ? 0 : Math.ceil((estimateTokens(text) * length) / text.length)),
  };
}
