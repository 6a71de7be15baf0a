import { createOpenAI } from '@ai-sdk/openai';
import {
  convertToModelMessages,
  createUIMessageStreamResponse,
  streamText,
  toUIMessageStream,
  type UIMessage,
} from 'ai';
import { createComposite } from 'ai-composite';
import { compositeMessageMetadata, errorsLast } from 'ai-composite/ui';

export const runtime = 'edge';

const account = (name: string) =>
  createOpenAI({ baseURL: `${process.env.EDGE_PROVIDER}/${name}`, apiKey: 'test' });
const price = { inputTokens: 1, outputTokens: 2 };
const ai = createComposite([
  { model: account('first')('gpt-6-sol'), name: 'first' },
  { model: account('second')('gpt-6-sol'), name: 'second', price },
]);

export async function POST(req: Request): Promise<Response> {
  const { messages }: { messages: UIMessage[] } = await req.json();
  const result = streamText({
    model: ai,
    messages: await convertToModelMessages(messages),
    abortSignal: req.signal,
  });
  const messageMetadata = compositeMessageMetadata();
  return createUIMessageStreamResponse({
    stream: errorsLast(toUIMessageStream({ stream: result.stream, messageMetadata })),
  });
}
