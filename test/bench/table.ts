import type { Taken } from './measure.ts';

/** What one work came to. */
export type Work = {
  readonly id: string;
  readonly title: string;
  /** What the rows say: how often as long as the first row, or an amount of their own. */
  readonly figure: 'ratio' | 'added' | 'amount';
  readonly unit: string;
  readonly rows: ReadonlyArray<Row>;
};

export type Row = {
  readonly name: string;
  readonly median: number;
  readonly low: number;
  readonly high: number;
};

/** Rows of times, as ratios to the first one or as what they add to it in microseconds. */
export function rowsOf({
  taken,
  figure,
}: {
  readonly taken: ReadonlyArray<Taken>;
  readonly figure: 'ratio' | 'added';
}): ReadonlyArray<Row> {
  return taken.map(({ name, ns, ratio, addedNs }, index) => {
    if (figure === 'ratio') return { name, ...ratio };
    // The baseline adds nothing: its own time says more.
    const { median, low, high } = index === 0 ? ns : addedNs;
    return { name, median: median / 1_000, low: low / 1_000, high: high / 1_000 };
  });
}

/** One table a work, for people. */
export function toMarkdown(works: ReadonlyArray<Work>): string {
  return works
    .map(({ title, figure, unit, rows }) => {
      const words = { ratio: 'times the first row', added: `${unit} added to the first row`, amount: unit };
      const lines = rows.map(
        ({ name, median, low, high }) => `| ${name} | ${show(median)} | ${show(low)} – ${show(high)} |`,
      );
      return [`### ${title}`, '', `| | ${words[figure]} | quartiles |`, '|---|--:|--:|', ...lines].join('\n');
    })
    .join('\n\n');
}

function show(value: number): string {
  const size = Math.abs(value);
  return value.toLocaleString('en', { maximumFractionDigits: size < 10 ? 2 : size < 100 ? 1 : 0 });
}
