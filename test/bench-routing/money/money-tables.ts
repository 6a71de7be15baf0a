import { markdownTable, percent, plusMinus, shareOf } from '../figures.ts';
import { bootstrap } from './bootstrap.ts';
import { averageGapRecovered, type Ends, gapRecovered, type Point, usdAt95 } from './curve.ts';
import type { Outcome } from './play-questions.ts';

/** A strategy's name, and what became of the questions. */
export type Played = { readonly name: string; readonly outcomes: ReadonlyArray<Outcome> };

/** A router's name, and what became of the questions at each of its settings. */
export type PlayedFamily = {
  readonly name: string;
  readonly settings: ReadonlyArray<ReadonlyArray<Outcome>>;
};

/** Where a strategy lies. */
export function pointOf(outcomes: ReadonlyArray<Outcome>): Point {
  const mean = (value: (outcome: Outcome) => number) =>
    outcomes.reduce((sum, outcome) => sum + value(outcome), 0) / outcomes.length;
  return {
    strongShare: mean(({ askedStrong }) => Number(askedStrong)),
    usd: mean(({ usd }) => usd),
    accuracy: mean(({ isRight }) => Number(isRight)),
  };
}

/** One row a strategy: accuracy, money, and what is above a random mix of the two models that costs as much. */
export function strategyTable({
  played,
  ends,
}: {
  readonly played: ReadonlyArray<Played>;
  readonly ends: Ends;
}): string {
  return markdownTable({
    head: [
      '',
      'right',
      'USD per 1,000',
      'asked the strong one',
      'gap recovered',
      'above a random mix of that cost',
    ],
    rows: played.map(({ name, outcomes }) => {
      const point = pointOf(outcomes);
      const right = shareOf({
        hits: outcomes.filter(({ isRight }) => isRight).length,
        count: outcomes.length,
      });
      return [
        name,
        `${percent(right.share)} ${plusMinus(right)}`,
        (point.usd * 1_000).toFixed(3),
        percent(point.strongShare, 0),
        percent(gapRecovered({ accuracy: point.accuracy, ends }), 0),
        aboveRandom({ outcomes, point, ends }),
      ];
    }),
  });
}

/** What a strategy has over a random mix of the same cost, in points, question by question, with its 95 % interval. */
function aboveRandom({
  outcomes,
  point,
  ends,
}: {
  readonly outcomes: ReadonlyArray<Outcome>;
  readonly point: Point;
  readonly ends: Ends;
}): string {
  const strongShare = (point.usd - ends.cheap.usd) / (ends.strong.usd - ends.cheap.usd);
  // Beyond the strong model's cost there is no mix to compare with.
  if (strongShare > 1) return '–';
  const gains = outcomes.map(
    ({ isRight, question: { cheap, strong } }) =>
      Number(isRight) - (1 - strongShare) * Number(cheap.isRight) - strongShare * Number(strong.isRight),
  );
  const mean = gains.reduce((sum, gain) => sum + gain, 0) / gains.length;
  const variance = gains.reduce((sum, gain) => sum + (gain - mean) ** 2, 0) / (gains.length - 1);
  const half = 1.96 * Math.sqrt(variance / gains.length);
  return `${mean < 0 ? '−' : '+'}${Math.abs(mean * 100).toFixed(1)} ± ${(half * 100).toFixed(1)}`;
}

/**
 * One row a router: how it does over all shares of the strong model, and what 95 % of the strong model's gain cost. ± is a
 * standard error.
 */
export function curveTable({
  families,
  cheap,
  strong,
}: {
  readonly families: ReadonlyArray<PlayedFamily>;
  readonly cheap: ReadonlyArray<Outcome>;
  readonly strong: ReadonlyArray<Outcome>;
}): string {
  return markdownTable({
    head: [
      '',
      'mean gap recovered, by calls (APGR)',
      'the same by money',
      'USD per 1,000 at 95 % of the gap',
      'of the strong one’s cost',
    ],
    rows: families.map(({ name, settings }) => {
      const all = [cheap, strong, ...settings];
      const { byCalls, byMoney, usd, share } = figuresOf(all.map(pointOf));
      const error = bootstrap({ columns: all, figuresOf: drawn => figuresOf(drawn.map(pointOf)) });
      return [
        name,
        `${byCalls.toFixed(2)} ± ${error.byCalls.toFixed(2)}`,
        `${byMoney.toFixed(2)} ± ${error.byMoney.toFixed(2)}`,
        `${(usd * 1_000).toFixed(3)} ± ${(error.usd * 1_000).toFixed(3)}`,
        percent(share, 0),
      ];
    }),
  });
}

function figuresOf([cheap, strong, ...points]: ReadonlyArray<Point>) {
  if (cheap === undefined || strong === undefined) throw new Error('A curve lies between two models.');
  const ends: Ends = { cheap, strong };
  const usd = usdAt95({ points, ends });
  return {
    byCalls: averageGapRecovered({ points, ends, over: 'calls' }),
    byMoney: averageGapRecovered({ points, ends, over: 'money' }),
    usd,
    share: usd / strong.usd,
  };
}
