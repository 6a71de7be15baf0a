import type { PageData } from '../page-data.ts';

/** What of the data is shown. */
export type Selection = {
  readonly firstDay: number;
  readonly lastDay: number;
  /** By what costs are stacked: `task`, `candidate`, `model` or `tag:` with a name. */
  readonly by: string;
  /** Places in the lists of names; undefined for all. */
  readonly task: number | undefined;
  readonly candidate: number | undefined;
  readonly model: number | undefined;
};

/** Sums over what is selected. */
export type Figures = {
  readonly calls: number;
  readonly answered: number;
  readonly aborted: number;
  readonly fellBack: number;
  readonly attempts: number;
  readonly usd: number;
  readonly unpriced: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
};

/** True for a row that is selected; rows begin with the day and the places of their names. */
export function isSelected({
  row: [day, task, candidate, model],
  selection,
}: {
  readonly row: readonly [day: number, task: number, candidate: number, model: number, ...rest: number[]];
  readonly selection: Selection;
}): boolean {
  return (
    day >= selection.firstDay &&
    day <= selection.lastDay &&
    (selection.task ?? task) === task &&
    (selection.candidate ?? candidate) === candidate &&
    (selection.model ?? model) === model
  );
}

/** Adds up what is selected. */
export function figuresOf({
  data,
  selection,
}: {
  readonly data: PageData;
  readonly selection: Selection;
}): Figures {
  const sums = [0, 0, 0, 0, 0, 0, 0, 0, 0];
  for (const row of data.rows) {
    if (!isSelected({ row, selection })) continue;
    for (const [index, sum] of sums.entries()) sums[index] = sum + (row[index + 4] ?? 0);
  }
  const [
    calls = 0,
    answered = 0,
    aborted = 0,
    fellBack = 0,
    attempts = 0,
    nanoUsd = 0,
    unpriced = 0,
    inputTokens = 0,
    outputTokens = 0,
  ] = sums;
  return {
    calls,
    answered,
    aborted,
    fellBack,
    attempts,
    usd: nanoUsd / 1e9,
    unpriced,
    inputTokens,
    outputTokens,
  };
}
