import type { LanguageModelV4CallOptions } from '../../sdk-types.ts';

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

/** Texts up to this length in all, in UTF-16 units, are estimated whole; of longer ones a sample of this size. */
const sampleLength = 32_768;
const shortestSample = 256;

/**
 * Measures the input of a request: texts, tool calls and results, and the tools' descriptions. Media other than images
 * counts 0. A long conversation is sampled evenly, so that estimating it takes no longer than a millisecond or two.
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
      const { length, images } = read();
      return length * mostTokensPerUnit + images * imageTokens < tokens;
    },
  };
}

/** Estimates the input tokens of a request. */
export function estimateInput({
  callOptions,
  estimateTokens,
}: {
  readonly callOptions: Pick<LanguageModelV4CallOptions, 'prompt' | 'tools'>;
  readonly estimateTokens: EstimateTokens;
}): number {
  return createInputEstimate(callOptions).tokens(estimateTokens);
}

type Input = { readonly texts: ReadonlyArray<string>; readonly length: number; readonly images: number };

function readInput({ prompt, tools = [] }: Pick<LanguageModelV4CallOptions, 'prompt' | 'tools'>): Input {
  const texts: string[] = [];
  let length = 0;
  let images = 0;
  const add = (value: unknown) => {
    const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
    texts.push(text);
    length += text.length;
  };
  for (const tool of tools)
    if (tool.type === 'function')
      add({ name: tool.name, description: tool.description, inputSchema: tool.inputSchema });
  for (const message of prompt) {
    if (message.role === 'system') {
      add(message.content);
      continue;
    }
    for (const part of message.content) {
      if (part.type === 'text' || part.type === 'reasoning') add(part.text);
      else if (part.type === 'tool-call') add(part.input);
      else if (part.type === 'tool-result') add(part.output);
      else if (part.type === 'file' && part.mediaType.startsWith('image')) images += 1;
    }
  }
  return { texts, length, images };
}

function estimate({
  input: { texts, length, images },
  estimateTokens,
}: {
  readonly input: Input;
  readonly estimateTokens: EstimateTokens;
}): number {
  const share = length <= sampleLength ? 1 : sampleLength / length;
  let tokens = images * imageTokens;
  for (const text of texts) {
    const sampled = Math.max(shortestSample, Math.ceil(text.length * share));
    if (sampled >= text.length) tokens += estimateTokens(text);
    else {
      const start = Math.floor((text.length - sampled) / 2);
      tokens += (estimateTokens(text.slice(start, start + sampled)) * text.length) / sampled;
    }
  }
  return tokens > 0 && Number.isFinite(tokens) ? Math.round(tokens) : 0;
}
