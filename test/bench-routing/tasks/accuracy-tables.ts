import { markdownTable, percent, plusMinus, shareOf } from '../figures.ts';
import type { Verdict } from './play-classifier.ts';

/** A classifier's name, and what it made of the prompts. */
export type Measured = {
  readonly name: string;
  readonly verdicts: ReadonlyArray<Verdict>;
  readonly usd: number | undefined;
};

/** Accuracy by the kind of prompt. */
export function tableByKind(measured: ReadonlyArray<Measured>): string {
  const kinds = ['single', 'border', 'conversation', 'follow-up'] as const;
  const [first] = measured;
  const counts = kinds.map(kind => first?.verdicts.filter(({ prompt }) => prompt.kind === kind).length ?? 0);
  return markdownTable({
    head: ['', 'all', ...kinds.map((kind, index) => `${kind} (${counts[index]})`), 'left to the default'],
    rows: measured.map(({ name, verdicts }) => [
      name,
      withInterval(verdicts),
      ...kinds.map(kind => rightOf(verdicts.filter(({ prompt }) => prompt.kind === kind))),
      percent(verdicts.filter(({ isDefault }) => isDefault).length / verdicts.length, 0),
    ]),
  });
}

/** Accuracy by language or category. */
export function tableByGroup(measured: ReadonlyArray<Measured>): string {
  const [first] = measured;
  const groups = [...new Set(first?.verdicts.map(({ prompt }) => prompt.group) ?? [])];
  return markdownTable({
    head: ['', 'all', ...groups],
    rows: measured.map(({ name, verdicts }) => [
      name,
      withInterval(verdicts),
      ...groups.map(group => rightOf(verdicts.filter(({ prompt }) => prompt.group === group))),
    ]),
  });
}

/** How much of each task was recognised, and how much of what was named it was it. */
export function tableByTask(measured: ReadonlyArray<Measured>): string {
  const tasks = ['code', 'creative', 'analysis', 'fast'] as const;
  return markdownTable({
    head: ['found / right where named', ...tasks],
    rows: measured.map(({ name, verdicts }) => [
      name,
      ...tasks.map(task => {
        const named = verdicts.filter(verdict => verdict.task === task);
        const found = rightOf(verdicts.filter(({ prompt }) => prompt.task === task));
        return `${found} / ${named.length === 0 ? '–' : rightOf(named)}`;
      }),
    ]),
  });
}

function rightOf(verdicts: ReadonlyArray<Verdict>): string {
  return percent(countRight(verdicts) / verdicts.length, 0);
}

function withInterval(verdicts: ReadonlyArray<Verdict>): string {
  const share = shareOf({ hits: countRight(verdicts), count: verdicts.length });
  return `${percent(share.share)} ${plusMinus(share)}`;
}

function countRight(verdicts: ReadonlyArray<Verdict>): number {
  return verdicts.filter(({ prompt, task }) => prompt.task === task).length;
}
