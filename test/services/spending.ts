import { setTimeout as sleep } from 'node:timers/promises';
import { BudgetExceededError, createComposite } from '../../src/index.ts';
import type { StateStore } from '../../src/state/store.ts';
import { scriptedModel, usageOf } from '../fallback/scripted-model.ts';
import { call } from '../testing/call.ts';

/** A hundredth of a cent a token of output, and nothing for the input. */
const price = { inputTokens: 0, outputTokens: 100 };
/** The longest answer of a call: a tenth of a dollar. */
const maxOutputTokens = 1_000;

/** What a process is told to do. */
export type SpendingOrder = { readonly url: string; readonly calls: number; readonly usd: number };

/** What a process did. */
export type Spent = {
  readonly answered: number;
  readonly refused: number;
  readonly failed: number;
  /** In tokens of output, each of which costs the same. */
  readonly tokens: number;
  /** How long each call took beyond what its model took. */
  readonly addedMs: ReadonlyArray<number>;
};

/** A composite with one budget for all processes, whose model takes a while and answers less than it may. */
export function compose({
  store,
  usd,
  waitMs = () => 0,
}: {
  readonly store: StateStore | undefined;
  /** No budget where it is left out. */
  readonly usd?: number;
  readonly waitMs?: () => number;
}) {
  const spent = { answered: 0, refused: 0, failed: 0, tokens: 0 };
  const addedMs: number[] = [];
  let modelMs = 0;
  const model = scriptedModel({
    id: 'spender',
    turns: () => {
      modelMs = waitMs();
      const tokens = 1 + Math.floor(Math.random() * maxOutputTokens);
      return { text: ['ok'], usage: usageOf(1, tokens), ...(modelMs > 0 && { before: sleep(modelMs) }) };
    },
  });
  const ai = createComposite([{ model, name: 'spender', price }], {
    ...(usd !== undefined && { budgets: [{ name: 'all', usd, onExceed: 'stop' }] }),
    ...(store !== undefined && { state: store }),
    pricing: { catalog: false, onWarning: () => undefined },
    retry: false,
  });
  const spend = async (): Promise<void> => {
    const startedAtMs = performance.now();
    try {
      const { usage } = await ai.doGenerate(call({ maxOutputTokens }));
      spent.answered += 1;
      spent.tokens += usage.outputTokens.total ?? 0;
    } catch (error) {
      const isRefused = BudgetExceededError.isInstance(error) && error.reason !== 'away';
      spent[isRefused ? 'refused' : 'failed'] += 1;
    }
    addedMs.push(performance.now() - startedAtMs);
  };
  return { ai, spend, spent, addedMs };
}

/** Dollars of so many tokens, exact. */
export function usdOf(tokens: number): number {
  return tokens / 10_000;
}
