// An agent of OpenAI's Agents SDK that thinks with a composite, over the real OpenAI package and a loopback server.
import { createOpenAI } from '@ai-sdk/openai';
import { Agent, run, setTracingDisabled, tool } from '@openai/agents';
import { aisdk } from '@openai/agents-extensions/ai-sdk';
import { createComposite, createCostTracker, formatUsd } from 'ai-composite';
import { createFaultServer, respond } from 'ai-composite/testing';
import * as z from 'zod';

setTracingDisabled(true);
const server = await createFaultServer();
const modelOf = (name: string) =>
  createOpenAI({ baseURL: server.account(name).baseUrl, apiKey: 'test' })('gpt-6-sol');
const price = { inputTokens: 1, outputTokens: 2 };
const tracker = createCostTracker();
const ai = createComposite({
  tasks: {
    chat: [
      { model: modelOf('primary'), name: 'primary', price },
      { model: modelOf('backup'), name: 'backup', price },
    ],
    code: [{ model: modelOf('coder'), name: 'coder', price }],
  },
  attempts: 1,
  observers: tracker,
  onCallEnd: ({ task, outcome, attempts }) =>
    console.log(task, outcome, attempts.map(({ candidate }) => candidate).join(' ')),
});
const weather = tool({
  name: 'weather',
  description: 'Tells the weather.',
  parameters: z.object({ city: z.string() }),
  execute: async ({ city }) => `${city} is sunny.`,
});
const agent = new Agent({ name: 'helper', instructions: 'Be brief.', model: aisdk(ai), tools: [weather] });
const coder = new Agent({ name: 'coder', instructions: 'Write code.', model: aisdk(ai('code')) });

const usage = { inputTokens: 1_000, outputTokens: 500 };
const lookUp = respond.answer({ toolCalls: [{ toolName: 'weather', input: { city: 'Bern' } }], usage });
const down = respond.error({ kind: 'auth' });
try {
  // It falls back in the middle of the run, and the tool's result goes to the one that goes on.
  server.account('primary').script([lookUp, down]);
  server
    .account('backup')
    .script([respond.answer({ text: 'Bern.', usage }), respond.answer({ text: 'Bern again.', usage })]);
  server.account('coder').script([respond.answer({ text: '1 + 1', usage })]);
  console.log((await run(agent, 'Where is it sunny?')).finalOutput);
  const streamed = await run(agent, 'Where is it sunny?', { stream: true });
  await streamed.completed;
  console.log(streamed.finalOutput);
  console.log((await run(coder, 'Add.')).finalOutput);
  console.log(formatUsd(tracker.snapshot().total));
  server.account('gone').script([down]);
  const gone = new Agent({ name: 'gone', model: aisdk(createComposite([modelOf('gone')])) });
  await run(gone, 'Where is it sunny?').catch(error => console.log(error.name));
  console.log(server.account('gone').requests.length);
} finally {
  await server.close();
}
