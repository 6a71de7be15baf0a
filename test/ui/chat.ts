import { AbstractChat, type ChatState, type ChatTransport, type UIMessage } from 'ai';
import type { CompositeMessageMetadata } from 'ai-composite/ui';

/** A message as an app types it. */
export type ChatMessage = UIMessage<CompositeMessageMetadata>;

/** What `useChat` is made of, without React: the same requests, the same reading of the stream, the same end at an error. */
class Chat extends AbstractChat<ChatMessage> {}

/** A chat whose requests go to this transport. */
export function createChat({
  transport,
  messages = [],
}: {
  readonly transport: ChatTransport<ChatMessage>;
  readonly messages?: ReadonlyArray<ChatMessage>;
}): AbstractChat<ChatMessage> {
  const state: ChatState<ChatMessage> = {
    status: 'ready',
    error: undefined,
    messages: [...messages],
    pushMessage: message => {
      state.messages = [...state.messages, message];
    },
    popMessage: () => {
      state.messages = state.messages.slice(0, -1);
    },
    replaceMessage: (index, message) => {
      state.messages = state.messages.with(index, structuredClone(message));
    },
    snapshot: structuredClone,
  };
  return new Chat({ state, transport });
}
