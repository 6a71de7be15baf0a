import type { LedgerCall } from '../questions/calls.ts';
import type { Percentiles } from '../questions/reliability.ts';

/** The state of one candidate, as `ai.health()` tells it. */
export type PageHealth = {
  readonly candidate: string;
  readonly state: string;
  readonly lastFailureKind?: string;
  readonly openUntilMs?: number;
};

/** How one budget stands, as `ai.budgets()` tells it. */
export type PageBudget = {
  readonly budget: string;
  readonly key?: string;
  readonly limit: { readonly usd: number };
  /** Left out while the state that holds it is away. */
  readonly spent?: { readonly usd: number };
  readonly held?: { readonly usd: number };
  readonly resetsAtMs?: number;
};

/** What happened on one day with one task, candidate and model, its names as places in the lists of names. */
export type PageRow = readonly [
  day: number,
  task: number,
  candidate: number,
  model: number,
  calls: number,
  answered: number,
  aborted: number,
  fellBack: number,
  attempts: number,
  /** In 1e-9 USD: whole numbers add up exactly. */
  nanoUsd: number,
  unpriced: number,
  inputTokens: number,
  outputTokens: number,
];

/** Failed attempts of one kind, of one day, task, candidate and model. */
export type PageFailure = readonly [
  day: number,
  task: number,
  candidate: number,
  model: number,
  kind: number,
  attempts: number,
];

/** What one value of a tag was paid on one day; a value of -1 is none. */
export type PageTagRow = readonly [day: number, value: number, calls: number, nanoUsd: number];

/** All that the page shows, as plain JSON: it is written into the page, so names are said once. */
export type PageData = {
  readonly title: string;
  readonly madeAtMs: number;
  /** The first and the last day, as days since the epoch. */
  readonly firstDay: number;
  readonly lastDay: number;
  readonly tasks: ReadonlyArray<string>;
  readonly candidates: ReadonlyArray<string>;
  readonly models: ReadonlyArray<string>;
  readonly kinds: ReadonlyArray<string>;
  readonly rows: ReadonlyArray<PageRow>;
  readonly failures: ReadonlyArray<PageFailure>;
  readonly tags: ReadonlyArray<{
    readonly name: string;
    readonly values: ReadonlyArray<string>;
    readonly rows: ReadonlyArray<PageTagRow>;
  }>;
  readonly firstChunkMs: ReadonlyArray<{ readonly candidate: string } & Percentiles>;
  readonly calls: ReadonlyArray<LedgerCall>;
  readonly health: ReadonlyArray<PageHealth>;
  readonly budgets: ReadonlyArray<PageBudget>;
};
