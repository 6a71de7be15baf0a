import { useChat } from '@ai-sdk/react';
import type { ChatStatus } from 'ai';
import { addCosts, type CostTotal } from 'ai-composite/ui';
import { useState } from 'react';
import type { ChatMessage, TaskChoice } from '@/lib/message';

/** A message and its place in the conversation. */
export type Turn = {
  readonly message: ChatMessage;
  readonly isLast: boolean;
  /** A question that no answer began to follow: one is waited for, failed, or was stopped before. */
  readonly isUnanswered: boolean;
};

/** The conversation as the page shows it, and what a reader can do. */
export type Conversation = {
  readonly turns: ReadonlyArray<Turn>;
  readonly status: ChatStatus;
  readonly isBusy: boolean;
  /** Questions whose answer has ended, however it did. */
  readonly ended: number;
  /** What they cost, with what was replaced by a retry. */
  readonly total: CostTotal;
  readonly ask: (text: string) => void;
  /** Asks the latest question again. */
  readonly retry: () => void;
  readonly stop: () => void;
};

/** Talks to the route handler: `useChat`, with the costs added up. */
export function useConversation(task: TaskChoice): Conversation {
  const { messages, sendMessage, regenerate, stop, status } = useChat<ChatMessage>({ throttle: 40 });
  // A retry replaces a message; what the first try cost stays spent.
  const [replaced, setReplaced] = useState<ReadonlyArray<CostTotal | undefined>>([]);

  const isBusy = status === 'submitted' || status === 'streaming';
  const last = messages.at(-1);
  const withTask = { body: task === 'auto' ? {} : { task } };
  const turns = messages.map((message, index) => ({
    message,
    isLast: message === last,
    isUnanswered: message.role === 'user' && messages[index + 1]?.role !== 'assistant',
  }));
  const ended = turns.filter(
    ({ message, isLast, isUnanswered }) =>
      (message.role === 'assistant' || isUnanswered) && !(isBusy && isLast),
  );
  return {
    turns,
    status,
    isBusy,
    ended: ended.length,
    // An answer without a report, such as one that was stopped, counts as one whose cost is not known.
    total: addCosts([...replaced, ...ended.map(({ message }) => message.metadata?.composite?.cost)]),
    ask: text => void sendMessage({ text }, withTask),
    retry: () => {
      setReplaced([...replaced, last?.metadata?.composite?.cost]);
      void regenerate(withTask);
    },
    stop: () => void stop(),
  };
}
