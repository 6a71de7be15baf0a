import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { taskNames } from './task-names.ts';

const labelled = z.strictObject({
  task: z.enum(taskNames),
  kind: z.enum(['single', 'border', 'conversation', 'follow-up']),
  /** The user's and the assistant's by turns, the user's first and last. */
  turns: z.array(z.string().min(1)).refine(turns => turns.length % 2 === 1),
});

/** A conversation with the task that its last message belongs to. */
export type LabelledPrompt = z.output<typeof labelled> & { readonly group: string };

/** The prompts of test/bench-routing/prompts, a file for each language; `group` is the language. */
export function readLabelledPrompts(): ReadonlyArray<LabelledPrompt> {
  const folder = path.join(import.meta.dirname, '../prompts');
  return readdirSync(folder).flatMap(file =>
    linesOf(path.join(folder, file)).map(line => ({
      ...labelled.parse(line),
      group: path.basename(file, '.jsonl'),
    })),
  );
}

/** The task that fits each category of MT-Bench. */
const taskOfCategory = {
  coding: 'code',
  writing: 'creative',
  roleplay: 'creative',
  reasoning: 'analysis',
  math: 'analysis',
  stem: 'analysis',
  humanities: 'analysis',
  extraction: 'fast',
} as const;

const question = z.object({
  category: z.enum([
    'coding',
    'writing',
    'roleplay',
    'reasoning',
    'math',
    'stem',
    'humanities',
    'extraction',
  ]),
  turns: z.tuple([z.string(), z.string()]),
});

/**
 * MT-Bench's 80 questions, each once alone and once with its second turn; `group` is the category. There are no answers in the
 * data, so a placeholder stands for the assistant's.
 */
export function readMtBench(folder: string): ReadonlyArray<LabelledPrompt> {
  return linesOf(path.join(folder, 'mt-bench-questions.jsonl')).flatMap(line => {
    const { category, turns } = question.parse(line);
    const [first, second] = turns;
    const shared = { task: taskOfCategory[category], group: category };
    return [
      { ...shared, kind: 'single' as const, turns: [first] },
      { ...shared, kind: 'follow-up' as const, turns: [first, '(The answer.)', second] },
    ];
  });
}

function linesOf(file: string): ReadonlyArray<unknown> {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line));
}
