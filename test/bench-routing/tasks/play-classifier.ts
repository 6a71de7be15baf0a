import type { LanguageModelV4Prompt } from '@ai-sdk/provider';
import { type Classify, compositeMetadata, createComposite } from 'ai-composite';
import { scriptedModel } from '../scripted-model.ts';
import type { LabelledPrompt } from './labelled-prompts.ts';
import type { TaskName } from './task-names.ts';

/** What a classifier made of the prompts. */
export type Played = {
  readonly verdicts: ReadonlyArray<Verdict>;
  /** What it cost to ask it, of all prompts; `undefined` where no price is known. */
  readonly usd: number | undefined;
};

export type Verdict = {
  readonly prompt: LabelledPrompt;
  readonly task: TaskName;
  /** The classifier named no task, so the default one, `fast`, served. */
  readonly isDefault: boolean;
};

const free = { inputTokens: 0, outputTokens: 0 };

const model = scriptedModel({
  provider: 'scripted',
  modelId: 'any',
  answer: () => ({ text: 'ok', inputTokens: 1, outputTokens: 1 }),
});

/** Plays conversations through a composite, call after call as an application makes them; the last call's task counts. */
export async function playClassifier({
  classify,
  prompts,
}: {
  /** Undefined: nobody is asked, so the default task serves. */
  readonly classify: Classify<TaskName> | undefined;
  readonly prompts: ReadonlyArray<LabelledPrompt>;
}): Promise<Played> {
  const ai = createComposite({
    // A route of its own for calls that nobody could place, so that they can be told apart.
    tasks: { unplaced: [model], code: [model], creative: [model], analysis: [model], fast: [model] },
    ...(classify !== undefined && { classify }),
    classifyTimeoutMs: 30_000,
    prices: { 'scripted/*': free, 'local/*': free },
  });
  const verdicts: Verdict[] = [];
  const failures: unknown[] = [];
  let usd: number | undefined = 0;
  for (const [index, prompt] of prompts.entries()) {
    let task = 'unplaced';
    for (let length = 1; length <= prompt.turns.length; length += 2) {
      const { providerMetadata } = await ai.doGenerate({
        prompt: messagesOf(prompt.turns.slice(0, length)),
        providerOptions: { composite: { sessionId: `conversation ${index}` } },
      });
      const report = compositeMetadata({ providerMetadata });
      if (report === undefined) throw new Error('The call has no report.');
      if (report.classification?.outcome === 'failure') failures.push(report.classification.failureKind);
      // Now and then one fails, and the default task serves; a wrong key is no measurement.
      if (failures.length > 0.05 * prompts.length + 1)
        throw new Error(`The classifier fails: ${failures.slice(0, 5).join(', ')}, ...`);
      task = report.task;
      const asked = report.classification?.cost;
      if (asked !== undefined)
        usd = usd === undefined || asked.usd === undefined ? undefined : usd + asked.usd;
    }
    verdicts.push({ prompt, task: toTask(task), isDefault: task === 'unplaced' });
  }
  return { verdicts, usd };
}

function toTask(task: string): TaskName {
  switch (task) {
    case 'code':
    case 'creative':
    case 'analysis':
      return task;
    default:
      return 'fast';
  }
}

function messagesOf(turns: ReadonlyArray<string>): LanguageModelV4Prompt {
  return turns.map((text, index) => ({
    role: index % 2 === 0 ? 'user' : 'assistant',
    content: [{ type: 'text', text }],
  }));
}
