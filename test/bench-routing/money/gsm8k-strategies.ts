import { classifyByExamples } from 'ai-composite';
import { localEmbeddingModel } from '../embedding/local-embedding-model.ts';
import type { Question } from '../routing-data.ts';
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
