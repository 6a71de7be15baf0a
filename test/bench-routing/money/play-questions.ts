import { type CompositeSettings, compositeMetadata, createComposite, systemClock } from 'ai-composite';
import { estimateTokenCount } from 'tokenx';
import type { Question } from '../routing-data.ts';
import { scriptedModel } from '../scripted-model.ts';

/** What became of one question. */
export type Outcome = {
  readonly question: Question;
  readonly isRight: boolean;
  /** Of all attempts, and of finding the task. */
  readonly usd: number;
  readonly askedStrong: boolean;
};

/** A way to decide who answers, as settings of a composite; the candidates are made for it. */
export type Strategy = {
  readonly name: string;
  /** Makes the settings beside `tasks`, and the routes. */
  readonly settings: (models: TwoModels) => CompositeSettings;
  /** Where the application itself names the task of a call. */
  readonly taskOf?: (question: Question) => string;
  /** The application tells `ai.feedback` of every answer whether it was right. */
  readonly isRated?: true;
};

/** The two candidates, without a price of their own: the price list has both. */
export type TwoModels = {
  readonly cheap: { readonly name: 'cheap'; readonly model: ReturnType<typeof scriptedModel> };
  readonly strong: { readonly name: 'strong'; readonly model: ReturnType<typeof scriptedModel> };
};

/** Plays questions through a composite of two models that answer as they were recorded to, one after the other. */
export async function playQuestions({
  strategy,
  questions,
}: {
  readonly strategy: Strategy;
  readonly questions: ReadonlyArray<Question>;
}): Promise<ReadonlyArray<Outcome>> {
  let question = questions[0];
  const answersOf = (who: 'cheap' | 'strong') => () => {
    if (question === undefined) throw new Error('There is no question.');
    const { text } = question[who];
    return { text, inputTokens: tokensOf(question.prompt), outputTokens: tokensOf(text) };
  };
  const ai = createComposite({
    prices: { 'local/*': { inputTokens: 0, outputTokens: 0 } },
    ...strategy.settings({
      cheap: {
        name: 'cheap',
        model: scriptedModel({
          provider: 'mistral',
          modelId: 'open-mixtral-8x7b',
          answer: answersOf('cheap'),
        }),
      },
      strong: {
        name: 'strong',
        model: scriptedModel({
          provider: 'openai',
          modelId: 'gpt-4-1106-preview',
          answer: answersOf('strong'),
        }),
      },
    }),
    affinity: false, // every question is a conversation of its own
    // Time stands still, so that what was learned does not fade with the speed of the machine.
    clock: { ...systemClock, now: () => startsAtMs },
    classifyTimeoutMs: 600_000,
  });
  const outcomes: Outcome[] = [];
  for (question of questions) {
    const task = strategy.taskOf?.(question);
    const { providerMetadata } = await ai.doGenerate({
      prompt: [{ role: 'user', content: [{ type: 'text', text: question.prompt }] }],
      ...(task !== undefined && { providerOptions: { composite: { task } } }),
    });
    const report = compositeMetadata({ providerMetadata });
    if (report?.cost.usd === undefined) throw new Error(`"${strategy.name}" answered without a price.`);
    const outcome = {
      question,
      isRight: question[report.candidate === 'strong' ? 'strong' : 'cheap'].isRight,
      usd: report.cost.usd,
      askedStrong: report.attempts.some(({ candidate }) => candidate === 'strong'),
    };
    outcomes.push(outcome);
    if (strategy.isRated) ai.feedback({ callId: report.callId, score: outcome.isRight ? 1 : 0 });
  }
  return outcomes;
}

const startsAtMs = Date.UTC(2026, 10, 2);

const known = new Map<string, number>();

function tokensOf(text: string): number {
  const tokens = known.get(text) ?? estimateTokenCount(text);
  known.set(text, tokens);
  return tokens;
}
