// Routes by the kind of task: pinned in code, named per call, or found by a function of yours.
import { generateText } from 'ai';
import { compositeMetadata, createComposite } from 'ai-composite';
import { available, ofoxPrices, openProviders } from './providers.ts';

const { openai, ofox, google, description, close } = await openProviders();
console.log(description);

const opus = ofox?.('anthropic/claude-opus-5.5');
const luna = openai?.('gpt-6-luna');
const ai = createComposite({
  tasks: {
    fast: available([google?.('gemini-3.8-flash'), luna, opus]),
    analysis: available([opus, google?.('gemini-3.1-pro-preview'), luna]),
  },
  prices: ofoxPrices,
  // Asked for calls that name no task. Without an answer the default task serves, here the first.
  classify: ({ prompt }) => (JSON.stringify(prompt).includes('security') ? 'analysis' : undefined),
});

try {
  const calls = [
    await generateText({
      model: ai('fast'),
      prompt: 'Summarize: the meeting is on Friday at ten, bring your plans.',
    }),
    await generateText({
      model: ai,
      prompt: 'Which is the riskier of these two contracts?',
      providerOptions: { composite: { task: 'analysis' } },
    }),
    await generateText({ model: ai, prompt: 'Analyze the security implications of eval(userInput).' }),
    await generateText({ model: ai, prompt: 'Say hello.' }),
  ];
  for (const result of calls) {
    const report = compositeMetadata(result);
    console.log(`${report?.task} by ${report?.candidate}: ${result.text}`);
  }
} finally {
  await close();
}
