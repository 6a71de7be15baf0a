// Falls back over a list of candidates: the first one refuses connections here, so the next one answers.
import { createOpenAI } from '@ai-sdk/openai';
import { generateText } from 'ai';
import { compositeMetadata, createComposite, RouteExhaustedError } from 'ai-composite';
import { available, ofoxPrices, openProviders } from './providers.ts';

const { openai, ofox, google, description, close } = await openProviders();
console.log(description);

// Nothing listens on port 8 of this machine: a provider that is down.
const down = createOpenAI({ baseURL: 'http://127.0.0.1:8/v1', apiKey: 'unused' });
const reliable = createComposite({
  tasks: {
    chat: available([
      { name: 'down', model: down('gpt-6-sol') },
      ofox?.('anthropic/claude-sonnet-5'),
      openai?.('gpt-6-sol'),
      google?.('gemini-3.8-flash'),
    ]),
  },
  prices: ofoxPrices,
  retry: { initialDelayMs: 50 },
  onAttemptEnd: ({ attemptNumber, candidate, outcome, failureKind, durationMs }) =>
    console.log(
      `attempt ${attemptNumber}: ${candidate} ${failureKind ?? outcome} after ${Math.round(durationMs)} ms`,
    ),
});

try {
  const result = await generateText({ model: reliable, prompt: 'Say hello.' });
  console.log(`answer of ${compositeMetadata(result)?.candidate}: ${result.text}`);

  // Where everybody failed there is one error, with every attempt in it.
  const hopeless = createComposite({
    tasks: { chat: [{ name: 'down', model: down('gpt-6-sol') }] },
    retry: { initialDelayMs: 50 },
  });
  await generateText({ model: hopeless, prompt: 'Say hello.' }).catch((error: unknown) => {
    if (!RouteExhaustedError.isInstance(error)) throw error;
    console.log(`as expected without a stand-in: ${error.message}`);
  });
} finally {
  await close();
}
