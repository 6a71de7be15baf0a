import type { LanguageModelV4Prompt } from '../../provider/sdk-types.ts';

/** True at the start of a turn: the user has the last word, and no tool call waits for its result. */
export function isTurnStart(prompt: LanguageModelV4Prompt): boolean {
  if (prompt.at(-1)?.role !== 'user') return false;
  const before = prompt.findLast(({ role }) => role !== 'user');
  return !(
    before?.role === 'assistant' &&
    before.content.some(part => part.type === 'tool-call' && part.providerExecuted !== true)
  );
}
