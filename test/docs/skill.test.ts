import { expect, test } from 'vitest';
import { pageOf } from './pages.ts';

const { text } = pageOf('skills/ai-composite/SKILL.md');
const head = text.match(/^---\n(.*?)\n---\n/s)?.[1] ?? '';

// agentskills.io/specification, 2026-11: the name is the folder's, the description has at most 1,024 characters.
test('the skill has the head that agents look for, and stays short', () => {
  expect(head).toMatch(/^name: ai-composite$/m);
  const description = head.match(/^description: >\n((?: {2}.*\n)+)/m)?.[1] ?? '';
  expect(description.length).toBeGreaterThan(100);
  expect(description.length).toBeLessThan(1_024);
  expect(text.split('\n').length).toBeLessThan(500);
});
