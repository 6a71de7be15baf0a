import type { LanguageModelV4CallOptions } from '../../provider/sdk-types.ts';
import { type Input, readInput } from './read-input.ts';

/** Estimates the tokens of a text; replaceable by the user. */
export type EstimateTokens = (text: string) => number;

/** How long the input of one request is. What is asked is worked out once, and nothing that is not asked. */
export type InputEstimate = {
  /** Estimated tokens; never negative. */
  readonly tokens: (estimateTokens: EstimateTokens) => number;
  /** True where it is certainly shorter than this: its length alone tells, without estimating. */
  readonly isBelow: (tokens: number) => boolean;
};

/**
 * What an image is taken for: about what one of ordinary size costs at Google (258) and, small, at OpenAI; the
 * estimate should not exceed.
 */
const imageTokens = 250;

/** No tokenizer makes more tokens of a text than it has UTF-8 bytes, of which a UTF-16 unit has at most three. */
const mostTokensPerUnit = 3;

/** Texts up to this length in all, in UTF-16 units, are estimated whole; of longer ones a sample of this size, in pieces. */
const sampleLength = 32_768;
const samples = 128;

/**
 * Measures the input of a request: texts and text files, tool calls and results, and the tools' descriptions; an image is
 * 250 tokens wherever it is, other media 0. Of more than 32,768 characters in all as many are looked at, evenly spread, so
 * that estimating takes no longer than a millisecond or two whatever the size.
 */
export function createInputEstimate(
  callOptions: Pick<LanguageModelV4CallOptions, 'prompt' | 'tools'>,
): InputEstimate {
  let input: Input | undefined;
  let known: Map<EstimateTokens, number> | undefined;
  const read = () => {
    input ??= readInput(callOptions);
    return input;
  };
  return {
    tokens: estimateTokens => {
      known ??= new Map();
      const before = known.get(estimateTokens);
      if (before !== undefined) return before;
      const tokens = estimate({ input: read(), estimateTokens });
      known.set(estimateTokens, tokens);
      return tokens;
    },
    isBelow: tokens => {
      const { length, images, isExact } = read();
      return isExact && length * mostTokensPerUnit + images * imageTokens < tokens;
    },
  };
}

function estimate({
  input: { texts, length, images },
  estimateTokens,
}: {
  readonly input: Input;
  readonly estimateTokens: EstimateTokens;
}): number {
  let tokens = images * imageTokens;
  /** Of a long input every so many units are looked at, however many texts they are in. */
  const step = length <= sampleLength ? 0 : length / samples;
  let before = 0;
  for (const { text, length: own } of texts) {
    const places = step === 0 ? 1 : Math.floor((before + own) / step) - Math.floor(before / step);
    before += own;
    if (places === 0 || text === '') continue;
    const sampled = step === 0 ? text.length : Math.min(text.length, places * (sampleLength / samples));
    const start = Math.floor((text.length - sampled) / 2);
    const piece = sampled === text.length ? text : text.slice(start, start + sampled);
    // What stands for more than itself counts as much more.
    tokens += estimateTokens(piece) * ((step === 0 ? own : places * step) / piece.length);
  }
  return tokens > 0 && Number.isFinite(tokens) ? Math.round(tokens) : 0;
}
