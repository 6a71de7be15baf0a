import type { EmbeddingModelV4 } from '@ai-sdk/provider';

const size = 1_024;

/**
 * No model at all: how often each three letters in a row occur, folded into 1,024 numbers. It knows spellings and nothing of
 * meaning, in every language alike; whatever an embedding model is worth shows above it.
 */
export function lettersModel(): EmbeddingModelV4 {
  return {
    specificationVersion: 'v4',
    provider: 'local',
    modelId: 'letters',
    maxEmbeddingsPerCall: undefined,
    supportsParallelCalls: true,
    doEmbed: async ({ values }) => ({
      embeddings: values.map(countLetters),
      usage: { tokens: 1 }, // free in any case
      warnings: [],
    }),
  };
}

function countLetters(text: string): number[] {
  const vector = new Array<number>(size).fill(0);
  const letters = [...` ${text.toLowerCase().normalize()} `];
  for (let at = 0; at + 2 < letters.length; at++) {
    const place = hash(`${letters[at]}${letters[at + 1]}${letters[at + 2]}`) % size;
    vector[place] = (vector[place] ?? 0) + 1;
  }
  return vector;
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193) >>> 0;
  return value;
}
