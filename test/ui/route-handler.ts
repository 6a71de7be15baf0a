import { createOpenAI } from '@ai-sdk/openai';
import {
  convertToModelMessages,
  createUIMessageStreamResponse,
  DefaultChatTransport,
  stepCountIs,
  streamText,
  type ToolSet,
  toUIMessageStream,
  type UIMessageStreamOptions,
} from 'ai';
import { type CallEndEvent, createComposite } from 'ai-composite';
import { compositeMessageMetadata, errorsLast } from 'ai-composite/ui';
import type { FaultServer, Script } from '../../src/testing/index.ts';
import { type ChatMessage, createChat } from './chat.ts';

const price = { inputTokens: 1, outputTokens: 2 };
let routes = 0;

/** The route handler of an app, over two accounts on the fault server; and a chat that talks to it. */
export function createRoute({
  server,
  first,
  second,
  tools = {},
  readsErrorsLast = true,
  hasMetadata = true,
  ...options
}: {
  readonly server: FaultServer;
  readonly first: Script;
  readonly second: Script;
  readonly tools?: ToolSet;
  readonly readsErrorsLast?: boolean;
  readonly hasMetadata?: boolean;
  readonly abortSignal?: AbortSignal;
  readonly streamRetries?: number;
} & Pick<UIMessageStreamOptions<ChatMessage>, 'onEnd'>) {
  routes += 1;
  const accounts = { first: server.account(`a${routes}`), second: server.account(`b${routes}`) };
  accounts.first.script(first);
  accounts.second.script(second);
  const calls: CallEndEvent[] = [];
  const ai = createComposite({
    tasks: {
      chat: Object.entries(accounts).map(([name, { baseUrl }]) => ({
        model: createOpenAI({ baseURL: baseUrl, apiKey: 'key-of-mine' })('secret-deployment'),
        name,
        price,
      })),
    },
    attempts: 1,
    circuitBreaker: false,
    affinity: false,
    pricing: { catalog: false },
    onCallEnd: call => void calls.push(call),
  });
  const bodies: Array<Promise<string>> = [];

  async function POST(req: Request): Promise<Response> {
    const { messages }: { messages: ChatMessage[] } = await req.json();
    const result = streamText({
      model: ai,
      messages: await convertToModelMessages(messages),
      tools,
      stopWhen: stepCountIs(5),
      maxRetries: 0,
      abortSignal: options.abortSignal ?? req.signal,
      ...(options.streamRetries !== undefined && { streamRetries: options.streamRetries }),
      onError: () => {},
    });
    const stream = toUIMessageStream<ToolSet, ChatMessage>({
      stream: result.stream,
      originalMessages: messages,
      generateMessageId: () => 'answer',
      ...(hasMetadata && { messageMetadata: compositeMessageMetadata({ originalMessages: messages }) }),
      ...(options.onEnd !== undefined && { onEnd: options.onEnd }),
    });
    return createUIMessageStreamResponse({ stream: readsErrorsLast ? errorsLast(stream) : stream });
  }

  const transport = new DefaultChatTransport<ChatMessage>({
    api: 'http://app.test/api/chat',
    fetch: async (url, init) => {
      const response = await POST(new Request(url, init));
      bodies.push(response.clone().text());
      return response;
    },
  });
  const chat = createChat({ transport });
  return {
    chat,
    calls,
    /** What the browser gets, as it travels. */
    wire: async () => (await Promise.all(bodies)).join('\n'),
    /** Asks, and gives the answer's message. */
    ask: async (text = 'Hello?') => {
      await chat.sendMessage({ text });
      const last = chat.messages.at(-1);
      return last?.role === 'assistant' ? last : undefined;
    },
  };
}
