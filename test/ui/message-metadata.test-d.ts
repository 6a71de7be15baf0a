import { streamText, type ToolSet, toUIMessageStream, type UIMessage } from 'ai';
import type { FailureKind as OfMainEntry } from 'ai-composite';
import {
  type CompositeMessageMetadata,
  compositeMessageMetadata,
  errorsLast,
  type FailureKind,
  type MessageReport,
} from 'ai-composite/ui';
import { expectTypeOf, test } from 'vitest';
import { scriptedModel } from '../fallback/scripted-model.ts';

type ChatMessage = UIMessage<CompositeMessageMetadata>;
type OwnMessage = UIMessage<CompositeMessageMetadata & { readonly createdAt?: number }>;

const messages: ChatMessage[] = [];
const result = streamText({ model: scriptedModel({ id: 'one', turns: [] }), prompt: 'x' });

test('the helper fits where the SDK takes messageMetadata, for messages typed with its metadata', () => {
  const stream = toUIMessageStream<ToolSet, ChatMessage>({
    stream: result.stream,
    messageMetadata: compositeMessageMetadata({ originalMessages: messages }),
  });
  expectTypeOf(errorsLast(stream)).toEqualTypeOf(stream);
  result.toUIMessageStreamResponse<ChatMessage>({ messageMetadata: compositeMessageMetadata() });
  expectTypeOf(messages[0]?.metadata?.composite).toEqualTypeOf<MessageReport | undefined>();
  expectTypeOf<FailureKind>().toEqualTypeOf<OfMainEntry>();
});

test('the helper goes beside metadata of an app', () => {
  const report = compositeMessageMetadata();
  toUIMessageStream<ToolSet, OwnMessage>({
    stream: result.stream,
    messageMetadata: ({ part }) => (part.type === 'start' ? { createdAt: Date.now() } : report({ part })),
  });
});

test('steps are read as a list', () => {
  const steps = Object.values(messages[0]?.metadata?.composite?.steps ?? {});
  expectTypeOf(steps[0]?.attempts[0]?.failureKind).toEqualTypeOf<FailureKind | undefined>();
  // @ts-expect-error: what a provider wrote is not in it
  steps[0]?.attempts[0]?.error;
});
