// Real calls over real packages to a loopback server: the first candidate fails in its own way, the second answers.
import { createAnthropic } from '@ai-sdk/anthropic';
import { createDeepSeek } from '@ai-sdk/deepseek';
import { createGoogle } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { generateText, streamText } from 'ai';
import { compositeCost, compositeMetadata, createComposite, RouteExhaustedError } from 'ai-composite';
import { createFaultServer, respond } from 'ai-composite/testing';

const server = await createFaultServer();
const apiKey = 'test';
const prompt = 'Say hello.';

const models = {
  openai: () => createOpenAI({ baseURL: server.account('openai').baseUrl, apiKey })('gpt-6-sol'),
  compatible: () =>
    createOpenAICompatible({
      name: 'ofox',
      baseURL: server.account('compatible').baseUrl,
      apiKey,
      includeUsage: true,
    })('anthropic/claude-sonnet-5'),
  anthropic: () =>
    createAnthropic({ baseURL: server.account('anthropic').baseUrl, apiKey })('claude-sonnet-5'),
  google: () => createGoogle({ baseURL: server.account('google').baseUrl, apiKey })('gemini-3.8-flash'),
  deepseek: () => createDeepSeek({ baseURL: server.account('deepseek').baseUrl, apiKey })('deepseek-chat'),
};

try {
  const names = ['openai', 'compatible', 'anthropic', 'google', 'deepseek'] as const;
  for (const [index, name] of names.entries()) {
    const backup = names[(index + 1) % names.length] ?? 'openai';
    server.account(name).script([respond.error({ kind: 'auth' }), respond.error({ kind: 'auth' })]);
    server.account(backup).script([respond.answer({ text: 'Hello.' }), respond.answer({ text: 'Hello.' })]);

    const ai = createComposite([models[name](), models[backup]()]);
    const whole = await generateText({ model: ai, prompt });
    const stream = streamText({ model: createComposite([models[name](), models[backup]()]), prompt });
    const text = await stream.text;
    const kinds = compositeMetadata(whole)?.attempts.map(attempt => attempt.failureKind ?? attempt.outcome);
    const streamed = await compositeMetadata(stream);
    console.log(
      name,
      kinds?.join(),
      whole.text,
      compositeCost(whole).status,
      streamed?.attempts.length,
      text,
    );
  }
  server.account('openai').script([respond.error({ kind: 'auth' })]);
  const error = await generateText({ model: createComposite([models.openai()]), prompt }).catch(
    (reason: unknown) => reason,
  );
  console.log('nobody', RouteExhaustedError.isInstance(error) && error.statusCode);
} finally {
  await server.close();
}
