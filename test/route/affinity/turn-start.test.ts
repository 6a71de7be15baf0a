import type { LanguageModelV4Prompt } from '@ai-sdk/provider';
import { expect, test } from 'vitest';
import { isTurnStart } from '../../../src/route/affinity/turn-start.ts';

const says = (role: 'user' | 'assistant'): LanguageModelV4Prompt[number] => ({
  role,
  content: [{ type: 'text', text: 'Hello' }],
});
const user = says('user');
const calls = (providerExecuted: boolean): LanguageModelV4Prompt[number] => ({
  role: 'assistant',
  content: [{ type: 'tool-call', toolCallId: 'c', toolName: 'look', input: {}, providerExecuted }],
});
const result: LanguageModelV4Prompt[number] = {
  role: 'tool',
  content: [
    { type: 'tool-result', toolCallId: 'c', toolName: 'look', output: { type: 'text', value: 'nothing' } },
  ],
};

test.each<readonly [name: string, prompt: LanguageModelV4Prompt, isStart: boolean]>([
  ['a first word', [user], true],
  ['a word behind an answer', [user, says('assistant'), user, user], true],
  ['no word at all', [], false],
  ['the beginning of an answer', [user, says('assistant')], false],
  ['the result of a tool', [user, calls(false), result], false],
  ['a word behind the result of a tool', [user, calls(false), result, user], true],
  ['a word while a tool call waits for its result', [user, calls(false), user], false],
  ['a word behind a tool that the provider ran', [user, calls(true), user], true],
])('%s', (_name, prompt, isStart) => {
  expect(isTurnStart(prompt)).toBe(isStart);
});
