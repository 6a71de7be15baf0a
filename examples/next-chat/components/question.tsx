import { type ChatMessage, textOf } from '@/lib/message';

/** What the reader asked. */
export function Question({ message }: { readonly message: ChatMessage }) {
  return (
    <li className="question">
      <span className="visually-hidden">You: </span>
      {textOf(message)}
    </li>
  );
}
