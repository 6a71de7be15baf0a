import type { PageData } from '../page-data.ts';
import type { Buckets } from './buckets.ts';
import { isSelected, type Selection } from './selection.ts';

/** One colour of a chart: a name and its value in each bar. */
export type Series = { readonly name: string; readonly values: ReadonlyArray<number> };

/** Colours that people tell apart; what is beyond them is one series more. */
const mostSeries = 8;

type Point = { readonly name: string; readonly bucket: number; readonly value: number };

/** What was paid, by what is selected, the dearest first. */
export function costSeries({ data, selection, buckets }: Options): ReadonlyArray<Series> {
  return stack({ points: [...costPoints({ data, selection, buckets })], buckets, scale: 1e-9 });
}

/** Failed attempts by their kind, the most frequent first. */
export function failureSeries({ data, selection, buckets }: Options): ReadonlyArray<Series> {
  const points = data.failures
    .filter(row => isSelected({ row, selection }))
    .map(([day, , , , kind, value]) => ({ name: data.kinds[kind] ?? '', bucket: buckets.of(day), value }));
  return stack({ points, buckets, scale: 1 });
}

/** A ratio of two sums in each bar, as a line; a bar without any has no point. */
export function ratioSeries({
  data,
  selection,
  buckets,
  ratio,
}: Options & {
  readonly ratio: (row: PageData['rows'][number]) => readonly [part: number, whole: number];
}): ReadonlyArray<number | null> {
  const sums = buckets.labels.map((): [number, number] => [0, 0]);
  for (const row of data.rows) {
    const sum = isSelected({ row, selection }) ? sums[buckets.of(row[0])] : undefined;
    if (sum === undefined) continue;
    const [part, whole] = ratio(row);
    sum[0] += part;
    sum[1] += whole;
  }
  return sums.map(([part, whole]) => (whole === 0 ? null : part / whole));
}

type Options = { readonly data: PageData; readonly selection: Selection; readonly buckets: Buckets };

function* costPoints({ data, selection, buckets }: Options): Generator<Point> {
  const { by, firstDay, lastDay } = selection;
  const tag = data.tags.find(({ name }) => by === `tag:${name}`);
  if (tag !== undefined) {
    for (const [day, value, , nanoUsd] of tag.rows)
      if (day >= firstDay && day <= lastDay)
        yield { name: tag.values[value] ?? `(no ${tag.name})`, bucket: buckets.of(day), value: nanoUsd };
    return;
  }
  const place = by === 'task' ? 1 : by === 'candidate' ? 2 : 3;
  const names = [data.tasks, data.candidates, data.models][place - 1] ?? [];
  for (const row of data.rows)
    if (isSelected({ row, selection }))
      yield { name: names[row[place]] ?? '', bucket: buckets.of(row[0]), value: row[9] };
}

function stack({
  points,
  buckets,
  scale,
}: {
  readonly points: ReadonlyArray<Point>;
  readonly buckets: Buckets;
  readonly scale: number;
}): ReadonlyArray<Series> {
  const totals = new Map<string, number>();
  for (const { name, value } of points) totals.set(name, (totals.get(name) ?? 0) + value);
  const ranked = [...totals].sort(([, one], [, other]) => other - one).map(([name]) => name);
  const shown = ranked.length > mostSeries ? ranked.slice(0, mostSeries - 1) : ranked;
  const rest = `${ranked.length - shown.length} others`;
  const sums = new Map<string, number[]>();
  for (const name of shown)
    sums.set(
      name,
      buckets.labels.map(() => 0),
    );
  if (shown.length < ranked.length)
    sums.set(
      rest,
      buckets.labels.map(() => 0),
    );
  for (const { name, bucket, value } of points) {
    const values = sums.get(name) ?? sums.get(rest);
    if (values !== undefined) values[bucket] = (values[bucket] ?? 0) + value;
  }
  return [...sums].map(([name, values]) => ({
    name: name === '' ? '(none)' : name,
    values: values.map(value => value * scale),
  }));
}
