import { convertToModelMessages, createUIMessageStreamResponse, streamText, toUIMessageStream } from 'ai';
import { compositeMessageMetadata, errorsLast } from 'ai-composite/ui';
import { ai } from '@/lib/ai';
import type { ChatMessage } from '@/lib/message';

type Body = { readonly id: string; readonly messages: ChatMessage[]; readonly task?: string };

export async function POST(req: Request): Promise<Response> {
  const { id, messages, task }: Body = await req.json();
  const result = streamText({
    model: ai,
    messages: await convertToModelMessages(messages),
    // Without a task the composite's own rules choose one.
    providerOptions: { composite: { sessionId: id, ...(task !== undefined && { task }) } },
    // The stop button and a reader who leaves end the request to the provider. Without this line the answer is written on,
    // and billed, until somebody notices that nobody reads it: after `unreadMs`, five minutes. To finish and keep an answer
    // all the same, leave it out and hand `consumeSseStream: consumeStream` to createUIMessageStreamResponse.
    abortSignal: req.signal,
    // The SDK's spans have no word of the conversation; those of the composite never do.
    telemetry: { recordInputs: false, recordOutputs: false },
    // Errors can be logged as they are: they print no prompt and no key. The browser gets "An error occurred."
    onError: ({ error }) => console.error(error),
  });
  return createUIMessageStreamResponse({
    stream: errorsLast(
      toUIMessageStream({
        stream: result.stream,
        originalMessages: messages,
        messageMetadata: compositeMessageMetadata({ originalMessages: messages }),
      }),
    ),
  });
}
