// A workflow: two questions at once, each to the models of its task, then one text made of both answers. It knows its cost.
import { generateText, type LanguageModel } from 'ai';
import {
  compositeCost,
  compositeMetadata,
  createComposite,
  createCostTracker,
  formatUsd,
} from 'ai-composite';
import { available, ofoxPrices, openProviders } from './providers.ts';

const { openai, ofox, google, description, close } = await openProviders();
console.log(description);

const small = [openai?.('gpt-6-luna'), google?.('gemini-3.8-flash')]; // in two tasks, and known as the same
const tracker = createCostTracker();
const ai = createComposite({
  tasks: {
    facts: available(small.toReversed()),
    ideas: available(small),
    write: available([
      ofox?.('anthropic/claude-sonnet-5'),
      openai?.('gpt-6-sol'),
      google?.('gemini-3.1-pro-preview'),
    ]),
  },
  prices: ofoxPrices,
  observers: tracker,
});
const ask = (model: LanguageModel, prompt: string) =>
  generateText({ model, prompt, providerOptions: { composite: { tags: { run: 'bern' } } } });

try {
  const parts = await Promise.all([
    ask(ai('facts'), 'When was Bern founded?'),
    ask(ai('ideas'), 'What is there to do in Bern?'),
  ]);
  const text = await ask(ai('write'), `Write three lines. ${parts.map(part => part.text).join(' ')}`);
  for (const result of [...parts, text]) {
    const { task, candidate } = compositeMetadata(result) ?? {};
    console.log(`${task} by ${candidate}: ${formatUsd(compositeCost(result))}`);
  }
  console.log(`together: ${formatUsd(compositeCost([...parts, text]))}`);
  console.log(`by tag: ${formatUsd(tracker.snapshot().byTag['run=bern'])}`);
} finally {
  await close();
}
