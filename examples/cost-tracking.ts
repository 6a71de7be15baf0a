// Knows what calls cost: per result, per attempt, and as totals by task, model and tag.
import { generateText, streamText } from 'ai';
import { compositeCost, createComposite, createCostTracker, formatUsd } from 'ai-composite';
import { available, ofoxPrices, openProviders } from './providers.ts';

const { openai, ofox, google, description, close } = await openProviders();
console.log(description);

const tracker = createCostTracker();
const sonnet = ofox?.('anthropic/claude-sonnet-5');
const flash = google?.('gemini-3.8-flash');
const sol = openai?.('gpt-6-sol');
const ai = createComposite({
  tasks: { code: available([sonnet, sol, flash]), fast: available([flash, sol, sonnet]) },
  // USD per 1M tokens. What is not listed here is looked up in the price catalog; what nobody knows is unknown, never 0.
  prices: ofoxPrices,
  onCallEnd: tracker.onCallEnd,
});

try {
  const result = await generateText({
    model: ai('code'),
    prompt: 'Write fizzbuzz in one line.',
    providerOptions: { composite: { tags: { customer: 'acme' } } },
  });
  console.log(`one result: ${formatUsd(compositeCost(result))}`);

  const stream = streamText({ model: ai('fast'), prompt: 'Say hello.' });
  await stream.consumeStream();
  console.log(`one stream: ${formatUsd(await compositeCost(stream))}`);

  const { calls, total, byTask, byModel, byTag } = tracker.snapshot();
  console.log(`${calls} calls: ${formatUsd(total)}`);
  for (const [name, cost] of Object.entries({ ...byTask, ...byModel, ...byTag }))
    console.log(`  ${name}: ${formatUsd(cost)}`);
} finally {
  await close();
}
