/**
 * What a plan costs, by hand: `node --conditions=ai-composite-source test/bench/plan.bench.ts`. Prints the nanoseconds of
 * planning a route of 10 candidates for each order (target: under 5,000), with a short prompt and every price known.
 */
import { MockLanguageModelV4 } from 'ai/test';
import { planCall } from '../../src/prepare-plan.ts';
import { readRequest } from '../../src/request.ts';
import type { Order } from '../../src/route/order.ts';
import { parseSettings } from '../../src/settings/settings.ts';

const candidates = Array.from({ length: 10 }, (_, index) => ({
  model: new MockLanguageModelV4({ provider: 'bench', modelId: `m${index}` }),
  name: `c${index}`,
  price: { inputTokens: 1 + (index % 3), outputTokens: 2 },
}));
const orders: Readonly<Record<string, Order>> = {
  listed: 'listed',
  cheapest: 'cheapest',
  fastest: 'fastest',
  weights: { weights: Object.fromEntries(candidates.map(({ name }, index) => [name, 1 + index])) },
  function: ({ candidates: known }) => known.map(({ name }) => name),
};
const request = readRequest({ prompt: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }] });

for (const [name, order] of Object.entries(orders)) {
  const composite = parseSettings({ tasks: { chat: { candidates, order } }, pricing: { catalog: false } });
  composite.candidates.forEach(({ identity }, index) => {
    composite.latency.record({
      identity,
      type: 'stream',
      outcome: 'success',
      firstChunkMs: 100 + ((index * 37) % 100),
      durationMs: 1_000,
    });
  });
  const plan = () => planCall({ composite, pinnedTask: undefined, request, type: 'stream' });
  console.log(`${name}, ns`.padEnd(20), Math.round(nanoseconds({ count: 20_000, work: plan })));
}

function nanoseconds({ count, work }: { readonly count: number; readonly work: () => unknown }): number {
  const rounds = Array.from({ length: 9 }, () => {
    const startedAt = performance.now();
    for (let index = 0; index < count; index++) work();
    return ((performance.now() - startedAt) * 1e6) / count;
  });
  // The median of the rounds after warming up.
  return rounds.slice(4).sort((one, other) => one - other)[2] ?? Number.NaN;
}
