// Holds a conversation: the first candidate is down, so the next one serves, and from then on the conversation stays there.
import { createOpenAI } from '@ai-sdk/openai';
import { generateText, type ModelMessage } from 'ai';
import { compositeCost, compositeMetadata, createComposite, formatUsd } from 'ai-composite';
import { available, ofoxPrices, openProviders } from './providers.ts';

const { openai, ofox, google, description, close } = await openProviders();
console.log(description);

// Nothing listens on port 8 of this machine: a provider that is down.
const down = createOpenAI({ baseURL: 'http://127.0.0.1:8/v1', apiKey: 'unused' });
const chat = createComposite({
  tasks: {
    chat: {
      candidates: available([
        { name: 'down', model: down('gpt-6-sol') },
        openai?.('gpt-6-luna'),
        google?.('gemini-3.8-flash'),
        ofox?.('anthropic/claude-sonnet-5'),
      ]),
      instructions: 'Answer in one short sentence.',
      attempts: 1,
    },
  },
  prices: ofoxPrices,
});
console.log(chat.describe());

try {
  const messages: ModelMessage[] = [];
  for (const question of ['Name a river.', 'How long is it?', 'Which towns lie on it?']) {
    messages.push({ role: 'user', content: question });
    const result = await generateText({ model: chat, messages });
    messages.push(...result.response.messages);
    const report = compositeMetadata(result);
    const asked = report?.attempts.map(({ candidate, outcome }) => `${candidate} ${outcome}`).join(', ');
    console.log(`${report?.affinity?.decision ?? 'new'}: ${asked} (${formatUsd(compositeCost(result))})`);
  }
} finally {
  await close();
}
