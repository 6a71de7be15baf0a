import type { UIMessage } from 'ai';
import type { CompositeMessageMetadata } from 'ai-composite/ui';

/** A message of this chat; its metadata is what the route handler sends of the composite's report. */
export type ChatMessage = UIMessage<CompositeMessageMetadata>;

/** What a reader may choose; `auto` leaves it to the composite. */
export const taskChoices = ['auto', 'quick', 'code', 'writing'] as const;
export type TaskChoice = (typeof taskChoices)[number];

/** The text of a message. */
export function textOf({ parts }: ChatMessage): string {
  return parts.map(part => (part.type === 'text' ? part.text : '')).join('');
}
