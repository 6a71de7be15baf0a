import { markdownTable, percent, percentile } from '../figures.ts';
import type { Week } from './play-week.ts';

/** One row a strategy, over all its weeks together. */
export function weekTable(
  rows: ReadonlyArray<{ readonly name: string; readonly weeks: ReadonlyArray<Week> }>,
): string {
  return markdownTable({
    head: ['', 'answered', 'broke off', 'first word p50', 'p95', 'p99', 'USD per 1,000', 'requests a call'],
    rows: rows.map(({ name, weeks }) => {
      const sum = (value: (week: Week) => number) => weeks.reduce((total, week) => total + value(week), 0);
      const calls = sum(week => week.calls);
      const waits = weeks.flatMap(week => week.waits).sort((one, other) => one - other);
      const seconds = (share: number) => `${(percentile({ sorted: waits, share }) / 1_000).toFixed(1)} s`;
      return [
        name,
        percent(sum(week => week.answered) / calls, 2),
        percent(sum(week => week.broken) / calls, 2),
        seconds(0.5),
        seconds(0.95),
        seconds(0.99),
        ((sum(week => week.usd) / calls) * 1_000).toFixed(2),
        (sum(week => week.requests) / calls).toFixed(3),
      ];
    }),
  });
}
