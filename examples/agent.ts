// An agent whose first model goes down in the middle of its work: the next candidate goes on where it was.
import { isStepCount, ToolLoopAgent, tool } from 'ai';
import { compositeCost, compositeMetadata, createComposite, formatUsd } from 'ai-composite';
import * as z from 'zod';
import { available, ofoxPrices, openProviders } from './providers.ts';

const { openai, ofox, google, simulators, description, close } = await openProviders();
console.log(description);

const sonnet = ofox?.('anthropic/claude-sonnet-5'); // in two tasks, and known as the same
const ai = createComposite({
  tasks: {
    work: available([openai?.('gpt-6-luna'), sonnet, google?.('gemini-3.8-flash')]),
    write: available([sonnet, google?.('gemini-3.1-pro-preview'), openai?.('gpt-6-sol')]),
  },
  prices: ofoxPrices,
  attempts: 1,
});
const inputSchema = z.object({ city: z.string() });
const weather = tool({
  description: 'Tells the weather of a city.',
  inputSchema,
  execute: async ({ city }) => {
    simulators?.setFault({ modelId: 'gpt-6-luna', fault: 'down' }); // from here on
    return `${city}: 21 °C, sunny`;
  },
});
const trains = tool({
  description: 'Tells the next train to a city.',
  inputSchema,
  execute: async ({ city }) => `${city}: 10:32, platform 7`,
});
const agent = new ToolLoopAgent({
  model: ai('work'),
  tools: { weather, trains },
  prepareStep: ({ stepNumber }) => (stepNumber < 2 ? undefined : { model: ai('write') }),
  stopWhen: [isStepCount(10), ({ steps }) => (compositeCost({ steps }).usd ?? 0) >= 0.5],
});

try {
  const result = await agent.generate({ prompt: 'Shall I go to Bern today, and when?' });
  for (const [index, step] of result.steps.entries()) {
    const report = compositeMetadata(step);
    const asked = report?.attempts.map(({ candidate, outcome }) => `${candidate} ${outcome}`).join(', ');
    const called = step.toolCalls.map(({ toolName }) => toolName).join(', ') || 'answer';
    console.log(
      `step ${index + 1}: ${report?.task} by ${asked}: ${called} (${formatUsd(compositeCost(step))})`,
    );
  }
  console.log(result.text);
  console.log(`the whole run: ${formatUsd(compositeCost(result))}`);
} finally {
  await close();
}
