/**
 * What the composite adds to a generated answer, by hand: `node --conditions=ai-composite-source
 * test/bench/overhead.bench.ts`. Prints the nanoseconds of one call, each kind in turn in one run: the bare model, the SDK's
 * wrapper with an empty middleware, the composite without list prices, and with them, a report and two observers.
 */
import type { LanguageModelV4, LanguageModelV4CallOptions, LanguageModelV4Usage } from '@ai-sdk/provider';
import { wrapLanguageModel } from 'ai';
import { type CompositeSettings, createComposite } from 'ai-composite';

const usage: LanguageModelV4Usage = {
  inputTokens: { total: 10, noCache: 10, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 5, text: 5, reasoning: 0 },
};
const options: LanguageModelV4CallOptions = {
  prompt: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }],
};

/** Answers at once and remembers nothing, unlike the SDK's mock. */
function instantModel(modelId: string): LanguageModelV4 {
  return {
    specificationVersion: 'v4',
    provider: 'openai.responses',
    modelId,
    supportedUrls: {},
    doGenerate: async () => ({
      content: [{ type: 'text', text: 'ok' }],
      finishReason: { unified: 'stop', raw: 'stop' },
      usage,
      warnings: [],
    }),
    doStream: () => Promise.reject(new Error('Nobody streams here.')),
  };
}

const compose = (settings: Omit<CompositeSettings<'chat'>, 'tasks'>) =>
  createComposite({ ...settings, tasks: { chat: [instantModel('gpt-6-sol'), instantModel('gpt-6-luna')] } });
const models: Readonly<Record<string, LanguageModelV4>> = {
  bare: instantModel('gpt-6-sol'),
  'empty middleware': wrapLanguageModel({
    model: instantModel('gpt-6-sol'),
    middleware: { specificationVersion: 'v4' },
  }),
  'composite, no list prices': compose({ pricing: { catalog: false, onWarning: () => {} } }),
  composite: compose({ onAttemptEnd: () => {}, onCallEnd: () => {} }),
};

// The first call loads the catalog.
for (const model of Object.values(models)) await model.doGenerate(options);
const rounds = new Map<string, number[]>(Object.keys(models).map(name => [name, []]));
for (let round = 0; round < 30; round++) {
  for (const [name, model] of Object.entries(models)) {
    const startedAt = performance.now();
    for (let index = 0; index < 2_000; index++) await model.doGenerate(options);
    rounds.get(name)?.push(((performance.now() - startedAt) * 1e6) / 2_000);
  }
}
for (const [name, taken] of rounds) {
  const median = taken.sort((one, other) => one - other)[15] ?? Number.NaN;
  console.log(`${name}, ns`.padEnd(30), Math.round(median).toLocaleString('en'));
}
