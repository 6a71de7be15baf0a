import { seededRandom } from '../figures.ts';

/** So often the questions are drawn anew. */
const draws = 100;

/**
 * The standard error of each figure: how much it owes to which questions there happened to be. Draws as many questions again,
 * with repetition, the same ones in every column, and looks how far the figures go apart.
 */
export function bootstrap<ROW, FIGURE extends string>({
  columns,
  figuresOf,
}: {
  /** What became of the questions, a column for each way to answer them. */
  readonly columns: ReadonlyArray<ReadonlyArray<ROW>>;
  readonly figuresOf: (columns: ReadonlyArray<ReadonlyArray<ROW>>) => Readonly<Record<FIGURE, number>>;
}): Readonly<Record<FIGURE, number>> {
  const random = seededRandom(95);
  const count = columns[0]?.length ?? 0;
  const drawn = Array.from({ length: draws }, () => {
    const places = Array.from({ length: count }, () => Math.floor(random() * count));
    return figuresOf(columns.map(rows => places.flatMap(place => rows[place] ?? [])));
  });
  const error = (figure: FIGURE) => {
    const mean = drawn.reduce((sum, figures) => sum + figures[figure], 0) / draws;
    return Math.sqrt(drawn.reduce((sum, figures) => sum + (figures[figure] - mean) ** 2, 0) / (draws - 1));
  };
  const names = Object.keys(figuresOf(columns)) as FIGURE[]; // the figures' own keys
  return Object.fromEntries(names.map(name => [name, error(name)])) as Record<FIGURE, number>;
}
