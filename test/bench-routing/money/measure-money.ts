import { estimateTokenCount } from 'tokenx';
import { percent, seededRandom } from '../figures.ts';
import type { Question } from '../routing-data.ts';
import { byOutcomes, checked } from './gsm8k-strategies.ts';
import {
  byExamples,
  byLength,
  byScore,
  bySubject,
  byWords,
  cheapest,
  only,
  oracle,
  random,
} from './mmlu-strategies.ts';
import { curveTable, type Played, pointOf, strategyTable } from './money-tables.ts';
import { playQuestions, type Strategy } from './play-questions.ts';

/** The first questions of each subject are examples, which nobody is measured on. */
const examplesPerSubject = 10;
const gsm8kExamples = 100;
/** Without `--full` one in so many questions is played: embedding a text takes some 50 ms, a long one longer. */
/** What a wrong answer is taken to cost, in USD; a strong answer costs a tenth of a cent more than a cheap one, or four at GSM8K. */
const wrongAnswersOf = {
  MMLU: { values: [0.003, 0.005, 0.01, 0.02, 0.05], shown: 0.01 },
  GSM8K: { values: [0.02], shown: 0.02 },
};
const sampleOf = { MMLU: 20, GSM8K: 5 };

/** Accuracy against cost on RouteLLM's two models: tables in markdown. */
export async function measureMoney({
  questions: { mmlu, gsm8k },
  isFull,
  isSmoke,
}: {
  readonly questions: Questions;
  readonly isFull: boolean;
  /** Nothing is embedded, so nothing is installed. */
  readonly isSmoke: boolean;
}): Promise<string> {
  const sample = ({ examples, others }: ReturnType<typeof split>) => ({
    examples,
    // In no order: whoever learns should not meet one subject after the other.
    questions: shuffle(isFull ? others : others.filter(({ set }, index) => index % sampleOf[set] === 0)),
  });
  const parts = [
    ...(await measureMmlu({ ...sample(split({ questions: mmlu, count: examplesPerSubject })), isSmoke })),
    ...(await measureGsm8k({ ...sample(split({ questions: gsm8k, count: gsm8kExamples })), isSmoke })),
  ];
  return parts.join('\n\n');
}

/** The questions of both sets. */
export type Questions = { readonly mmlu: ReadonlyArray<Question>; readonly gsm8k: ReadonlyArray<Question> };

type Measuring = {
  readonly examples: ReadonlyArray<Question>;
  readonly questions: ReadonlyArray<Question>;
  readonly isSmoke: boolean;
};

async function measureMmlu({ examples, questions, isSmoke }: Measuring): Promise<ReadonlyArray<string>> {
  const subjects = [...new Set(questions.map(({ subject }) => subject))];
  const families = {
    'random (`{ weights }`)': random,
    '`classifyByRules`, by length': byLength(medianLength(examples)),
    'task named by the application': bySubject(examples),
    '`{ badAnswerUsd }` with feedback, one task': byScore({ subjects: undefined, ...wrongAnswersOf.MMLU }),
    '`{ badAnswerUsd }` with feedback, a task for each subject': byScore({
      subjects,
      ...wrongAnswersOf.MMLU,
    }),
    ...(!isSmoke && { '`classifyByExamples`': byExamples(examples) }),
  };
  const play = createPlayer(questions);
  const ends = { cheap: pointOf(await play(only('cheap'))), strong: pointOf(await play(only('strong'))) };
  const curves = [];
  for (const [name, { all }] of Object.entries(families)) {
    const settings = [];
    for (const strategy of all) settings.push(await play(strategy));
    curves.push({ name, settings });
  }
  const rows: Played[] = [];
  const shown = Object.values(families).map(family => family.shown);
  for (const strategy of [only('cheap'), only('strong'), oracle, cheapest, byWords, ...shown])
    rows.push({ name: strategy.name, outcomes: await play(strategy) });
  return [
    `### MMLU: ${questions.length.toLocaleString('en')} questions`,
    strategyTable({ played: rows, ends }),
    '### MMLU: over all settings of a router',
    curveTable({ families: curves, cheap: await play(only('cheap')), strong: await play(only('strong')) }),
  ];
}

async function measureGsm8k({ examples, questions, isSmoke }: Measuring): Promise<ReadonlyArray<string>> {
  const play = createPlayer(questions);
  const ends = { cheap: pointOf(await play(only('cheap'))), strong: pointOf(await play(only('strong'))) };
  const rows: Played[] = [];
  const routers = [
    random.shown,
    byLength(medianLength(examples)).shown,
    byScore({ subjects: undefined, ...wrongAnswersOf.GSM8K }).shown,
    ...checked,
    ...(isSmoke ? [] : [byOutcomes(examples)]),
  ];
  for (const strategy of [only('cheap'), only('strong'), oracle, ...routers])
    rows.push({ name: strategy.name, outcomes: await play(strategy) });
  return [
    `### GSM8K: ${questions.length.toLocaleString('en')} questions of school arithmetic`,
    strategyTable({ played: rows, ends }),
  ];
}

/** Plays the questions by a strategy, each strategy once. */
function createPlayer(
  questions: ReadonlyArray<Question>,
): (strategy: Strategy) => Promise<Played['outcomes']> {
  const played = new Map<string, Promise<Played['outcomes']>>();
  return strategy => {
    const outcomes = played.get(strategy.name) ?? playQuestions({ strategy, questions });
    played.set(strategy.name, outcomes);
    return outcomes;
  };
}

/** The same questions in another order, the same one every time. */
function shuffle(questions: ReadonlyArray<Question>): ReadonlyArray<Question> {
  const random = seededRandom(7);
  return questions
    .map(question => ({ question, place: random() }))
    .sort((one, other) => one.place - other.place)
    .map(({ question }) => question);
}

/** The first `count` questions of each subject, and the others. */
function split({
  questions,
  count,
}: {
  readonly questions: ReadonlyArray<Question>;
  readonly count: number;
}) {
  const seen = new Map<string, number>();
  const examples: Question[] = [];
  const others: Question[] = [];
  for (const question of questions) {
    const place = seen.get(question.subject) ?? 0;
    seen.set(question.subject, place + 1);
    (place < count ? examples : others).push(question);
  }
  return { examples, others };
}

/** The middle of the examples' estimated tokens, as rules see them. */
function medianLength(examples: ReadonlyArray<Question>): number {
  const lengths = examples.map(({ prompt }) => estimateTokenCount(prompt)).sort((one, other) => one - other);
  return lengths[Math.floor(lengths.length / 2)] ?? 0;
}

/** The whole data in figures that are known: whoever reads others has other data. */
export function describeQuestions({ mmlu, gsm8k }: Questions): string {
  return [mmlu, gsm8k]
    .map(questions => {
      const share = (is: (question: Question) => boolean) =>
        percent(questions.filter(is).length / questions.length);
      const [cheap, strong] = [
        share(question => question.cheap.isRight),
        share(question => question.strong.isRight),
      ];
      const either = share(question => question.cheap.isRight || question.strong.isRight);
      return `${questions[0]?.set}: ${questions.length} questions; Mixtral ${cheap} right, GPT-4 ${strong}, one of the two ${either}.`;
    })
    .join('\n');
}
