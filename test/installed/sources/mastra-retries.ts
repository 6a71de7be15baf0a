// How often Mastra asks again for a route that nobody answered.
import { createOpenAI } from '@ai-sdk/openai';
import { Agent } from '@mastra/core/agent';
import { createComposite } from 'ai-composite';
import { createFaultServer, respond } from 'ai-composite/testing';

const server = await createFaultServer();
const requestsOf = async ({
  name,
  settings = {},
  options = {},
}: {
  readonly name: string;
  readonly settings?: { readonly maxRetries?: number };
  readonly options?: { readonly modelSettings?: { readonly maxRetries: number } };
}) => {
  const account = server.account(name);
  account.script([respond.error({ kind: 'auth' })]);
  const model = createComposite([createOpenAI({ baseURL: account.baseUrl, apiKey: 'test' })('gpt-6-sol')]);
  const agent = new Agent({ id: name, name, instructions: 'Be brief.', model, ...settings });
  await agent.generate('Say hello.', options).catch(() => {});
  console.log(name, account.requests.length);
};

try {
  await requestsOf({ name: 'by default' });
  await requestsOf({ name: 'maxRetries: 0', settings: { maxRetries: 0 } });
  await requestsOf({ name: 'maxRetries: 2', settings: { maxRetries: 2 } });
  await requestsOf({ name: 'modelSettings', options: { modelSettings: { maxRetries: 0 } } });
} finally {
  await server.close();
}
