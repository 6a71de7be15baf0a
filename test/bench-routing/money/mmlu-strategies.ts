import { classifyByExamples, classifyByRules } from 'ai-composite';
import { localEmbeddingModel } from '../embedding/local-embedding-model.ts';
import { seededRandom } from '../figures.ts';
import type { Question } from '../routing-data.ts';
import type { Strategy, TwoModels } from './play-questions.ts';

/** Strategies of one kind that differ in one number; `shown` is the one that goes into the table on its own. */
export type Family = { readonly shown: Strategy; readonly all: ReadonlyArray<Strategy> };

const twoTasks = ({ cheap, strong }: TwoModels) => ({ cheap: [cheap, strong], strong: [strong, cheap] });

/** One model alone. */
export const only = (who: 'cheap' | 'strong'): Strategy => ({
  name: `${who === 'cheap' ? 'Mixtral-8x7B' : 'GPT-4-1106'} alone`,
  settings: models => ({ tasks: { all: [models[who]] } }),
});

/** The order by price; without failures the first candidate answers everything. */
export const cheapest: Strategy = {
  name: "`order: 'cheapest'`",
  settings: ({ cheap, strong }) => ({ tasks: { all: { candidates: [strong, cheap], order: 'cheapest' } } }),
};

/** Knows of each question who will be right: the cheap one where it is, or where nobody is. Nobody can build it. */
export const oracle: Strategy = {
  name: 'oracle (cannot be built)',
  settings: models => ({ tasks: twoTasks(models) }),
  taskOf: ({ cheap, strong }) => (!cheap.isRight && strong.isRight ? 'strong' : 'cheap'),
};

/** The two at random. */
export const random = family({
  values: [0.1, 0.25, 0.5, 0.75, 0.9],
  shown: 0.5,
  make: share => ({
    name: `\`order: { weights }\`, ${share * 100} % to the strong one`,
    settings: ({ cheap, strong }) => ({
      tasks: {
        all: { candidates: [cheap, strong], order: { weights: { cheap: 1 - share, strong: share } } },
      },
      random: seededRandom(15),
    }),
  }),
});

/** Long questions to the strong model. */
export const byLength = (median: number): Family =>
  family({
    values: [0.5, 0.75, 1, 1.5, 2, 4].map(factor => Math.round(median * factor)),
    shown: Math.round(median),
    make: tokens => ({
      name: `\`classifyByRules\`, from ${tokens} tokens on`,
      settings: models => ({
        tasks: twoTasks(models),
        classify: classifyByRules([{ task: 'strong', minInputTokens: tokens }]),
      }),
    }),
  });

/** Words of fields where one would expect a small model to fail; written down once, not fitted to the data. */
export const byWords: Strategy = {
  name: '`classifyByRules`, words of hard fields',
  settings: models => ({
    tasks: twoTasks(models),
    classify: classifyByRules([
      {
        task: 'strong',
        keywords:
          `calculate equation probability proof theorem derivative integral matrix function velocity voltage
          algorithm program court statute plaintiff defendant contract valid argument logic`.split(/\s+/),
      },
    ]),
  }),
};

/** The application knows the subject and names the task; which subjects are hard was seen on the examples. */
export const bySubject = (examples: ReadonlyArray<Question>): Family =>
  family({
    values: gaps,
    shown: shownGap,
    make: gap => ({
      name: `task named by the application, strong where it won by ${gap} of 10 examples`,
      settings: models => ({ tasks: twoTasks(models) }),
      taskOf: ({ subject }) => (gapOf({ examples, subject }) >= gap ? 'strong' : 'cheap'),
    }),
  });

/** The nearest example decides; examples of hard subjects stand for the strong model. */
export const byExamples = (examples: ReadonlyArray<Question>): Family => {
  const model = localEmbeddingModel();
  return family({
    values: gaps,
    shown: shownGap,
    make: gap => ({
      name: `\`classifyByExamples\`, the same examples, ${gap} of 10`,
      settings: models => ({
        tasks: twoTasks(models),
        classify: classifyByExamples(model, {
          tasks: {
            cheap: examples.filter(({ subject }) => gapOf({ examples, subject }) < gap).map(textOf),
            strong: examples.filter(({ subject }) => gapOf({ examples, subject }) >= gap).map(textOf),
          },
          minSimilarity: -1,
        }),
      }),
    }),
  });
};

/**
 * The order by one score, told whether each answer was right: it learns for each task who is worth his price. A task for each
 * subject, or one for all.
 */
export const byScore = ({
  subjects,
  values,
  shown,
}: {
  /** Undefined: one task. */
  readonly subjects: ReadonlyArray<string> | undefined;
  /** What a wrong answer costs, in USD. */
  readonly values: ReadonlyArray<number>;
  readonly shown: number;
}): Family =>
  family({
    values,
    shown,
    make: badAnswerUsd => ({
      name: `\`order: { badAnswerUsd: ${badAnswerUsd} }\` with feedback, ${subjects === undefined ? 'one task' : 'a task for each subject'}`,
      settings: ({ cheap, strong }) => ({
        tasks: Object.fromEntries((subjects ?? ['all']).map(subject => [subject, [cheap, strong]])),
        order: { deadlineMs: Number.POSITIVE_INFINITY, badAnswerUsd },
        random: seededRandom(15),
      }),
      ...(subjects !== undefined && { taskOf: ({ subject }: Question) => subject }),
      isRated: true,
    }),
  });

/** By how many of a subject's ten examples the strong model has to be ahead. */
const gaps = [1, 2, 3, 4];
const shownGap = 2;

const textOf = ({ prompt }: Question) => prompt;

function gapOf({
  examples,
  subject,
}: {
  readonly examples: ReadonlyArray<Question>;
  readonly subject: string;
}): number {
  const own = examples.filter(example => example.subject === subject);
  return own.reduce((sum, { cheap, strong }) => sum + Number(strong.isRight) - Number(cheap.isRight), 0);
}

function family({
  values,
  shown,
  make,
}: {
  readonly values: ReadonlyArray<number>;
  readonly shown: number;
  readonly make: (value: number) => Strategy;
}): Family {
  return { shown: make(shown), all: values.map(make) };
}
