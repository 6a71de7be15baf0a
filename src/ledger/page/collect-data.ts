import type { Database, Row } from '../database/database.ts';
import { findCalls } from '../questions/calls.ts';
import { sumsOf } from '../questions/grouped.ts';
import { type Period, spanOf } from '../questions/period.ts';
import { reliability } from '../questions/reliability.ts';
import { dayRowsIn } from '../questions/rows-in.ts';
import { dayMs } from '../rows/call-row.ts';
import { createNames } from './names.ts';
import type { PageBudget, PageData, PageFailure, PageHealth, PageRow, PageTagRow } from './page-data.ts';

/** What the page is about. */
export type CollectOptions = Period & {
  readonly title: string;
  readonly tags: ReadonlyArray<string>;
  readonly latestCalls: number;
  readonly health: ReadonlyArray<PageHealth>;
  readonly budgets: ReadonlyArray<PageBudget>;
};

const figures = [
  'calls',
  'answered',
  'aborted',
  'fell_back',
  'attempts',
  'nano_usd',
  'unpriced',
  'input_tokens',
  'output_tokens',
];

/** Collects what the page shows from the ledger, in a few questions. */
export async function collectData({
  database,
  nowMs,
  options: { title, tags, latestCalls, health, budgets, ...period },
}: {
  readonly database: Database;
  readonly nowMs: number;
  readonly options: CollectOptions;
}): Promise<PageData> {
  const span = spanOf({ period, nowMs });
  const ask = { database, where: {}, span, rowsIn: dayRowsIn, by: ['task', 'candidate', 'model'] as const };
  const [tasks, candidates, models, kinds] = [createNames(), createNames(), createNames(), createNames()];
  const key = (row: Row) =>
    [Number(row.day), tasks.add(row.group_1), candidates.add(row.group_2), models.add(row.group_3)] as const;

  const rows = (await sumsOf({ ...ask, keys: ['day'], sums: figures })).map(
    row => [...key(row), ...figures.map(name => Number(row[name]))] as unknown as PageRow,
  );
  const failures = (await sumsOf({ ...ask, keys: ['day', 'failure_kind'], sums: ['attempts_failed'] })).map(
    (row): PageFailure => [...key(row), kinds.add(row.failure_kind), Number(row.attempts_failed)],
  );
  const percentiles = await reliability({ database, nowMs, question: { ...period, by: ['candidate'] } });
  const days = rows.map(([day]) => day);
  const lastDay = Math.floor(Math.min(span.toMs - 1, nowMs) / dayMs);
  return {
    title,
    madeAtMs: nowMs,
    firstDay: firstDay({ days, period, fromMs: span.fromMs }),
    lastDay: Math.max(lastDay, ...days.slice(-1)),
    tasks: tasks.list,
    candidates: candidates.list,
    models: models.list,
    kinds: kinds.list,
    rows,
    failures,
    tags: await Promise.all(tags.map(name => collectTag({ database, span, name }))),
    firstChunkMs: percentiles.flatMap(({ candidate = '', firstChunkMs }) =>
      firstChunkMs === undefined ? [] : [{ candidate, ...firstChunkMs }],
    ),
    calls: await findCalls({ database, nowMs, question: { ...period, limit: latestCalls } }),
    health,
    budgets,
  };
}

/** Where nobody says when it begins, or with the beginning of time, it begins with the first call. */
function firstDay({
  days,
  period: { from },
  fromMs,
}: {
  readonly days: ReadonlyArray<number>;
  readonly period: Period;
  readonly fromMs: number;
}): number {
  const asked = Math.floor(fromMs / dayMs);
  if (from !== undefined && fromMs > 0) return asked;
  return days.length === 0 ? Math.max(0, asked) : days.reduce((one, other) => Math.min(one, other));
}

async function collectTag({
  database,
  span,
  name,
}: {
  readonly database: Database;
  readonly span: ReturnType<typeof spanOf>;
  readonly name: string;
}): Promise<PageData['tags'][number]> {
  const values = createNames();
  const sums = ['calls', 'nano_usd'];
  const found = await sumsOf({
    database,
    where: {},
    span,
    rowsIn: dayRowsIn,
    by: [`tag:${name}`],
    keys: ['day'],
    sums,
  });
  const rows = found.map(
    (row): PageTagRow => [
      Number(row.day),
      row.group_1 === null ? -1 : values.add(row.group_1),
      Number(row.calls),
      Number(row.nano_usd),
    ],
  );
  return { name, values: values.list, rows };
}
