/**
 * What pricing costs, by hand: `node test/bench/cost.bench.ts`. Prints the nanoseconds of a priced call with a warm
 * catalog (target: under 3,000), of one streamed text part, and of a sum; and the milliseconds of the first list
 * price.
 */
import { createPricing, type PricedCall, type Pricing } from '../../src/cost/index.ts';

const callOptions: PricedCall['callOptions'] = {
  prompt: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }],
};
const usage = {
  inputTokens: { total: 1_000, noCache: 600, cacheRead: 400, cacheWrite: undefined },
  outputTokens: { total: 300, text: 200, reasoning: 100 },
  raw: {
    input_tokens: 1_000,
    input_tokens_details: { cached_tokens: 400 },
    output_tokens: 300,
    output_tokens_details: { reasoning_tokens: 100 },
    total_tokens: 1_300,
  },
};

function nanoseconds({ count, work }: { readonly count: number; readonly work: () => unknown }): number {
  const rounds = Array.from({ length: 7 }, () => {
    const startedAt = performance.now();
    for (let index = 0; index < count; index++) work();
    return ((performance.now() - startedAt) * 1e6) / count;
  });
  // The median of the rounds after warming up.
  return rounds.slice(2).sort((one, other) => one - other)[2] ?? Number.NaN;
}

const settle = ({ pricing, modelId }: { readonly pricing: Pricing; readonly modelId: string }) =>
  pricing
    .meter({ provider: 'openai.responses', modelId, callOptions })
    .settle({ outcome: 'success', usage, responseModelId: modelId });

const listed = createPricing({ onWarning: () => {} });
const startedAt = performance.now();
await settle({ pricing: listed, modelId: 'gpt-6-sol' });
const firstMs = performance.now() - startedAt;

const own = createPricing({
  prices: { 'openai/*': { inputTokens: 2, cacheReadTokens: 0.2, outputTokens: 10 } },
});
const meter = own.meter({ provider: 'openai.responses', modelId: 'm', callOptions });
const part = { type: 'text-delta', id: '1', delta: 'hello ' } as const;

const report = {
  'first list price, ms': firstMs,
  'priced call, list price, ns': nanoseconds({
    count: 200_000,
    work: () => settle({ pricing: listed, modelId: 'gpt-6-sol' }),
  }),
  'priced call, own price, ns': nanoseconds({
    count: 200_000,
    work: () => settle({ pricing: own, modelId: 'm' }),
  }),
  'observed text part, ns': nanoseconds({ count: 2_000_000, work: () => meter.observe(part) }),
};
for (const [name, value] of Object.entries(report))
  console.log(`${name.padEnd(32)} ${Math.round(value).toLocaleString('en')}`);
