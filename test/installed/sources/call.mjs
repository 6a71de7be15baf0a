// One call that falls back and one stream, over HTTP, in whatever runtime this is: the first candidate's key is refused.
import { createOpenAI } from '@ai-sdk/openai';
import { generateText, streamText } from 'ai';
import { compositeMetadata, createComposite } from 'ai-composite';

/** Says what became of them. */
export async function call({ refusing, answering }) {
  const model = baseURL => createOpenAI({ baseURL, apiKey: 'test' }).chat('gpt-6-sol');
  const ai = createComposite([model(refusing), model(answering)], {
    prices: { 'openai/gpt-6-sol': { inputTokens: 1, outputTokens: 1 } },
  });
  const whole = await generateText({ model: ai, prompt: 'x' });
  const streamed = streamText({ model: ai, prompt: 'x' });
  const kinds = compositeMetadata(whole)?.attempts.map(({ failureKind, outcome }) => failureKind ?? outcome);
  return [whole.text, kinds?.join(), await streamed.text].join(' | ');
}
