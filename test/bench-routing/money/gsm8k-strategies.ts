import { classifyByExamples, isAnswer } from 'ai-composite';
import { localEmbeddingModel } from '../embedding/local-embedding-model.ts';
import type { Question } from '../routing-data.ts';
import { hasResult, hasWrongSum } from './check-sums.ts';
import type { Strategy } from './play-questions.ts';

/** The nearest of some questions decides: by whether the cheap model was right there. */
export const byOutcomes = (examples: ReadonlyArray<Question>): Strategy => ({
  name: `\`classifyByExamples\`, ${examples.length} answered questions`,
  settings: ({ cheap, strong }) => ({
    tasks: { cheap: [cheap, strong], strong: [strong, cheap] },
    classify: classifyByExamples(localEmbeddingModel(), {
      tasks: {
        cheap: examples.filter(example => example.cheap.isRight).map(({ prompt }) => prompt),
        strong: examples.filter(example => !example.cheap.isRight).map(({ prompt }) => prompt),
      },
      minSimilarity: -1,
    }),
  }),
});

/** The cheap one first, and the strong one where its answer shows a fault that anybody can see who does not know the result. */
export const checked: ReadonlyArray<Strategy> = [
  checkedBy({ name: 'no result at its end', fails: text => !hasResult(text) }),
  checkedBy({
    name: 'no result, or a sum that is wrong',
    fails: text => !hasResult(text) || hasWrongSum(text),
  }),
];

function checkedBy({
  name,
  fails,
}: {
  readonly name: string;
  readonly fails: (text: string) => boolean;
}): Strategy {
  return {
    name: `cheap first, \`isAnswer\`: ${name}`,
    settings: ({ cheap, strong }) => ({
      tasks: {
        all: {
          candidates: [cheap, strong],
          fallbackWhen: isAnswer(({ candidate, text }) =>
            candidate === 'cheap' && fails(text) ? true : undefined,
          ),
        },
      },
    }),
  };
}
