// Asks one provider by name: no routing, no fallback, but still its cost, its time limits and its report.
import { generateText } from 'ai';
import { type CompositeProviderOptions, compositeMetadata, createComposite, formatUsd } from 'ai-composite';
import { available, ofoxPrices, openProviders } from './providers.ts';

const { openai, ofox, google, description, close } = await openProviders();
console.log(description);

const ai = createComposite({
  tasks: {
    chat: available([
      openai && { name: 'openai', model: openai('gpt-6-luna') },
      ofox && { name: 'claude', model: ofox('anthropic/claude-sonnet-5') },
      google && { name: 'gemini', model: google('gemini-3.8-flash') },
    ]),
  },
  prices: ofoxPrices,
});

try {
  for (const candidate of ai.health().map(({ candidate: name }) => name)) {
    const result = await generateText({
      model: ai,
      prompt: 'Write the route of a REST API that returns one user, in Express.',
      providerOptions: { composite: { candidate } satisfies CompositeProviderOptions },
    });
    const report = compositeMetadata(result);
    console.log(`${candidate} (${report?.attempts[0]?.modelId}, ${formatUsd(report?.cost)}): ${result.text}`);
  }
} finally {
  await close();
}
