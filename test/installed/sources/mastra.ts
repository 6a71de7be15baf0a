// An agent of Mastra that thinks with a composite, over the real OpenAI package and a loopback server.
import { createOpenAI } from '@ai-sdk/openai';
import { Agent } from '@mastra/core/agent';
import { createTool } from '@mastra/core/tools';
import { createComposite } from 'ai-composite';
import { createFaultServer, respond } from 'ai-composite/testing';
import * as z from 'zod';

const server = await createFaultServer();
const modelOf = (name: string) =>
  createOpenAI({ baseURL: server.account(name).baseUrl, apiKey: 'test' })('gpt-6-sol');
const ai = createComposite({
  tasks: {
    chat: [
      { model: modelOf('primary'), name: 'primary' },
      { model: modelOf('backup'), name: 'backup' },
    ],
  },
  onCallEnd: ({ task, outcome, candidate }) => console.log(task, outcome, candidate),
});
const weather = createTool({
  id: 'weather',
  description: 'Tells the weather.',
  inputSchema: z.object({ city: z.string() }),
  execute: async () => ({ sky: 'clear' }),
});
const agent = new Agent({
  id: 'helper',
  name: 'helper',
  instructions: 'Be brief.',
  model: ai,
  tools: { weather },
});

try {
  server.account('primary').script([respond.error({ kind: 'auth' }), respond.error({ kind: 'auth' })]);
  server
    .account('backup')
    .script([
      respond.answer({ text: 'Hello.' }),
      respond.answer({ toolCalls: [{ toolName: 'weather', input: { city: 'Bern' } }] }),
      respond.answer({ text: 'The sky is clear.' }),
    ]);
  console.log((await agent.generate('Say hello.')).text);
  console.log(await (await agent.stream('How is the sky in Bern?')).text);
} finally {
  await server.close();
}
