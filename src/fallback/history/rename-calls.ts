import type { LanguageModelV4Message, LanguageModelV4Prompt } from '../../provider/sdk-types.ts';
import type { HistoryRules } from './history-rules.ts';

type AssistantPart = Extract<LanguageModelV4Message, { role: 'assistant' }>['content'][number];

/** New ids for tool calls whose own would be refused; the same call gets the same id in every step. */
export function renameCalls({
  prompt,
  rules: { callId },
  isOwn,
}: {
  readonly prompt: LanguageModelV4Prompt;
  readonly rules: HistoryRules;
  readonly isOwn: (part: AssistantPart) => boolean;
}): ReadonlyMap<string, string> {
  const renamed = new Map<string, string>();
  const calls = prompt
    .flatMap(message => (message.role === 'assistant' ? message.content : []))
    .filter(part => part.type === 'tool-call');
  const isKept = (call: (typeof calls)[number]) => callId.pattern.test(call.toolCallId) || isOwn(call);
  const taken = new Set(calls.filter(isKept).map(({ toolCallId }) => toolCallId));
  for (const call of calls) {
    const { toolCallId } = call;
    if (isKept(call) || renamed.has(toolCallId)) continue;
    let id = callId.make({ id: toolCallId, count: 1 });
    for (let count = 2; taken.has(id); count++) id = callId.make({ id: toolCallId, count });
    taken.add(id);
    renamed.set(toolCallId, id);
  }
  return renamed;
}
