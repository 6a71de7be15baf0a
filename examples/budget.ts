// A budget bends before it breaks: first the answer gets shorter, then a cheaper model answers, then the call is refused.
import { createOpenAI } from '@ai-sdk/openai';
import { generateText } from 'ai';
import { BudgetExceededError, compositeMetadata, createComposite, formatUsd } from 'ai-composite';
import { simulatorKey, startSimulators } from './simulators.ts';

globalThis.AI_SDK_LOG_WARNINGS = false; // they are printed below
const { openaiUrl, stop } = await startSimulators();
const openai = createOpenAI({ baseURL: openaiUrl, apiKey: simulatorKey });
console.log('Local simulators answer: no model runs, nothing is billed.');

const ai = createComposite(
  [
    { name: 'large', model: openai('gpt-6-astra'), price: { inputTokens: 10, outputTokens: 50 } },
    { name: 'small', model: openai('gpt-6-luna'), price: { inputTokens: 2, outputTokens: 8 } },
  ],
  {
    budgets: [
      { usd: 0.03, every: 'day', per: { tag: 'customer' } },
      { name: 'everybody', usd: 100, every: 'month', onExceed: 'stop' },
    ],
    onBudgetWarning: ({ budget, key, spent, limit }) =>
      console.log(`${key} has spent ${formatUsd(spent)} of ${formatUsd(limit)} (${budget})`),
  },
);

try {
  for (let turn = 1; turn <= 100; turn++) {
    const result = await generateText({
      model: ai,
      prompt: 'Tell me about budgets. '.repeat(20),
      maxOutputTokens: 500,
      providerOptions: { composite: { tags: { customer: 'acme' } } },
    });
    const report = compositeMetadata(result);
    const leftOut = report?.skipped.map(({ candidate, reason }) => `; ${candidate}: ${reason}`) ?? [];
    const shorter = report?.warnings?.map(warning => `; ${warning}`) ?? [];
    console.log(
      `${turn}. ${report?.candidate}, ${formatUsd(report?.cost)}${[...leftOut, ...shorter].join('')}`,
    );
  }
} catch (error) {
  if (!BudgetExceededError.isInstance(error)) throw error;
  console.log(error.message);
} finally {
  await stop();
}
for (const { budget, key, spent, held } of await ai.budgets())
  console.log(`${key || budget}: spent ${formatUsd(spent)}, held ${formatUsd(held)}`);
