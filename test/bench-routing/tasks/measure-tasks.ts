import {
  type Classify,
  classifyByExamples,
  classifyWithDecision,
  classifyWithModel,
  formatUsd,
} from 'ai-composite';
import { lettersModel } from '../embedding/letters-model.ts';
import { localEmbeddingModel } from '../embedding/local-embedding-model.ts';
import { type Measured, tableByGroup, tableByKind, tableByTask } from './accuracy-tables.ts';
import { allExamples, englishExamples } from './examples.ts';
import { type LabelledPrompt, readLabelledPrompts, readMtBench } from './labelled-prompts.ts';
import { decisionModelOf, embeddingModelOf, languageModelOf } from './named-models.ts';
import { playClassifier } from './play-classifier.ts';
import { allRules, englishRules } from './rules.ts';
import { type TaskName, taskWords } from './task-names.ts';

/** Models with a key in the environment, by name; what is not named is not measured. */
export type NamedModels = {
  readonly model: string | undefined;
  readonly decisionModel: string | undefined;
  readonly embeddingModel: string | undefined;
};

type Contestant = { readonly name: string; readonly make: () => Classify<TaskName> | undefined };

/** How often each ready-made classifier finds the task: tables in markdown. */
export async function measureTasks({
  models,
  folder,
  isSmoke,
}: {
  readonly models: NamedModels;
  /** RouteLLM's data; without it only the prompts of this repository are measured. */
  readonly folder: string | undefined;
  /** Rules and letters only: nothing is installed. */
  readonly isSmoke: boolean;
}): Promise<string> {
  const contestants = [...ready, ...(isSmoke ? [] : withLocalModel), ...withNamedModels(models)];
  const own = await measure({ contestants, prompts: readLabelledPrompts() });
  const parts = [
    `### ${own[0]?.verdicts.length} labelled prompts, by kind`,
    tableByKind(own),
    '### The same, by language',
    tableByGroup(own),
    '### The same, by task',
    tableByTask(own),
    ...pricesOf(own),
  ];
  if (folder !== undefined) {
    const bench = await measure({ contestants, prompts: readMtBench(folder) });
    parts.push("### MT-Bench's 80 questions, each with and without its second turn", tableByGroup(bench));
  }
  return parts.join('\n\n');
}

const ready: ReadonlyArray<Contestant> = [
  { name: 'everything to `fast`', make: () => undefined },
  { name: '`classifyByRules`, English words', make: () => englishRules },
  { name: '`classifyByRules`, words in all languages', make: () => allRules },
  {
    name: '`classifyByExamples`, letters only',
    make: () => classifyByExamples(lettersModel(), { tasks: allExamples, minSimilarity: 0 }),
  },
];

const local = () => localEmbeddingModel();

const withLocalModel: ReadonlyArray<Contestant> = [
  {
    name: '`classifyByExamples`, English encoder, English examples',
    make: () => classifyByExamples(local(), { tasks: englishExamples }),
  },
  {
    name: '`classifyByExamples`, English encoder, all examples',
    make: () => classifyByExamples(local(), { tasks: allExamples }),
  },
  {
    name: 'the same, rules below a similarity of 0.5',
    make: () => classifyByExamples(local(), { tasks: allExamples, minSimilarity: 0.5, otherwise: allRules }),
  },
];

function withNamedModels({ model, decisionModel, embeddingModel }: NamedModels): ReadonlyArray<Contestant> {
  const contestants: Contestant[] = [];
  if (embeddingModel !== undefined)
    contestants.push({
      name: `\`classifyByExamples\`, ${embeddingModel}`,
      make: () => classifyByExamples(embeddingModelOf(embeddingModel), { tasks: allExamples }),
    });
  if (decisionModel !== undefined)
    contestants.push({
      name: `\`classifyWithDecision\`, ${decisionModel}`,
      make: () => classifyWithDecision(decisionModelOf(decisionModel), { tasks: taskWords }),
    });
  if (model !== undefined)
    contestants.push({
      name: `\`classifyWithModel\`, ${model}`,
      make: () => classifyWithModel(languageModelOf(model), { tasks: taskWords }),
    });
  return contestants;
}

async function measure({
  contestants,
  prompts,
}: {
  readonly contestants: ReadonlyArray<Contestant>;
  readonly prompts: ReadonlyArray<LabelledPrompt>;
}): Promise<ReadonlyArray<Measured>> {
  const measured: Measured[] = [];
  for (const { name, make } of contestants)
    measured.push({ name, ...(await playClassifier({ classify: make(), prompts })) });
  return measured;
}

/** What asking cost, where anybody was paid. */
function pricesOf(measured: ReadonlyArray<Measured>): ReadonlyArray<string> {
  return measured.flatMap(({ name, usd, verdicts }) =>
    usd === undefined || usd > 0
      ? [
          `${name}: ${usd === undefined ? 'price unknown' : formatUsd((usd / verdicts.length) * 1_000)} per 1,000 conversations.`,
        ]
      : [],
  );
}
