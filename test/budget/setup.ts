import {
  type BudgetSettings,
  type BudgetStanding,
  type CompositeOptions,
  createComposite,
  type Price,
} from 'ai-composite';
import { createManualClock, type ManualClock } from '../fallback/manual-clock.ts';
import { scriptedModel, type Turn, usageOf } from '../fallback/scripted-model.ts';

/** One dollar per token of output and nothing for the input, so that money is easy to count. */
export const perToken = { inputTokens: 0, outputTokens: 1_000_000 };
const cheap = { inputTokens: 0, outputTokens: 100_000 };

/** An answer of so many tokens. */
export function answerOf(outputTokens: number): Turn {
  return { text: ['Hello', '.'], usage: usageOf(3, outputTokens) };
}

/** A composite of models `a`, `b`, ... at these prices, with a clock that stands still. */
export function compose({
  budgets,
  turns = [[answerOf(100)]],
  rates = [perToken, cheap],
  clock = createManualClock(),
  ...settings
}: {
  readonly budgets: ReadonlyArray<BudgetSettings>;
  /** Of each model, one after the other. */
  readonly turns?: ReadonlyArray<readonly Turn[]>;
  readonly rates?: ReadonlyArray<Price>;
  readonly clock?: ManualClock;
} & CompositeOptions) {
  const models = turns.map((own, index) => scriptedModel({ id: nameOf(index), turns: own }));
  const ai = createComposite(
    models.map((model, index) => ({ model, name: nameOf(index), price: rates[index] ?? perToken })),
    { budgets, clock, pricing: { catalog: false }, retry: false, ...settings },
  );
  const [first] = models;
  if (first === undefined) throw new Error('Compose at least one model.');
  return { ai, models, first, clock };
}

function nameOf(index: number): string {
  return String.fromCharCode(97 + index);
}

/** Where the budgets stand, as `name[key] spent/held/limit`. */
export async function standing(ai: {
  readonly budgets: () => Promise<ReadonlyArray<BudgetStanding>>;
}): Promise<ReadonlyArray<string>> {
  return (await ai.budgets()).map(
    ({ budget, key, spent, held, limit }) =>
      `${budget}${key === '' ? '' : `[${key}]`} ${spent?.usdExact}/${held?.usdExact}/${limit.usdExact}`,
  );
}

/** A model that answers when a gate opens. */
export function gated({
  gate,
  outputTokens,
}: {
  readonly gate: PromiseLike<unknown>;
  readonly outputTokens: number;
}): Turn {
  return { ...answerOf(outputTokens), before: gate };
}
