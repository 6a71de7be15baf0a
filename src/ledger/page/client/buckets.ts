import { dayText } from './format.ts';

/** The bars of a chart over time: days, or weeks or months where days would be too many to see. */
export type Buckets = {
  readonly unit: 'day' | 'week' | 'month';
  readonly labels: ReadonlyArray<string>;
  /** The bar that a day is in. */
  readonly of: (day: number) => number;
};

const mostBars = 120;

/** Makes the bars for a span of days, both ends in it. */
export function bucketsOf({
  firstDay,
  lastDay,
}: {
  readonly firstDay: number;
  readonly lastDay: number;
}): Buckets {
  const days = lastDay - firstDay + 1;
  if (days <= mostBars)
    return {
      unit: 'day',
      labels: Array.from({ length: days }, (_, index) => dayText(firstDay + index)),
      of: day => day - firstDay,
    };
  const weeks = Math.ceil(days / 7);
  if (weeks <= mostBars * 1.5)
    return {
      unit: 'week',
      labels: Array.from({ length: weeks }, (_, index) => `7 days from ${dayText(firstDay + index * 7)}`),
      of: day => Math.floor((day - firstDay) / 7),
    };
  const start = monthOf(firstDay);
  return {
    unit: 'month',
    labels: Array.from({ length: monthOf(lastDay) - start + 1 }, (_, index) => monthText(start + index)),
    of: day => monthOf(day) - start,
  };
}

function monthOf(day: number): number {
  const date = new Date(day * 86_400_000);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}

function monthText(month: number): string {
  return `${Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, '0')}`;
}
