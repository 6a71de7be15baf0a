import {
  BarController,
  BarElement,
  CategoryScale,
  Chart,
  type ChartConfiguration,
  type ChartDataset,
  Legend,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  Tooltip,
} from 'chart.js';
import { element } from './element.ts';
import { showReadout } from './readout.ts';
import type { Series } from './series.ts';

Chart.register(
  BarController,
  BarElement,
  CategoryScale,
  Legend,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  Tooltip,
);

/** A line over the bars, with a scale of its own at the right. */
export type Line = {
  readonly name: string;
  readonly values: ReadonlyArray<number | null>;
  readonly format: (value: number) => string;
};

/** What a chart shows. */
export type ChartOptions = {
  readonly title: string;
  readonly labels: ReadonlyArray<string>;
  readonly series: ReadonlyArray<Series>;
  readonly line?: Line;
  readonly format: (value: number) => string;
  /** Beside the axis; default: `format`. */
  readonly tickFormat?: (value: number) => string;
  readonly isStacked?: boolean;
  readonly isHorizontal?: boolean;
};

const open = new Set<Chart>();

/** Forgets the charts of before; whoever draws anew calls it first. */
export function clearCharts(): void {
  for (const chart of open) chart.destroy();
  open.clear();
}

/** A chart and, for who cannot see it, the same as a table. */
export function chart(options: ChartOptions): HTMLElement {
  const { title, labels, series, isHorizontal = false } = options;
  if (series.length === 0 || series.every(({ values }) => values.every(value => value === 0)))
    return element('p', { class: 'empty' }, 'Nothing in this period.');
  const canvas = element('canvas', {
    role: 'img',
    'aria-label': `${title}; the table below has the same figures`,
  });
  const height = isHorizontal ? Math.max(120, 40 + labels.length * 46) : 280;
  const frame = element('div', { class: 'frame', style: `height:${height}px` }, canvas);
  // It measures its frame, so that has to be in the document first.
  requestAnimationFrame(() => {
    if (canvas.isConnected) open.add(new Chart(canvas, configuration(options)));
  });
  return element('div', {}, frame, asTable(options));
}

function configuration(options: ChartOptions): ChartConfiguration {
  const { labels, isHorizontal = false } = options;
  const datasets = [...lineOver(options), ...barsOf(options)];
  return {
    type: 'bar',
    data: { labels: [...labels], datasets },
    options: {
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      indexAxis: isHorizontal ? 'y' : 'x',
      interaction: { mode: 'index', intersect: false, axis: isHorizontal ? 'y' : 'x' },
      scales: scalesOf(options),
      plugins: {
        legend: {
          display: datasets.length > 1,
          position: 'bottom',
          align: 'start',
          labels: {
            color: color('--muted'),
            boxWidth: 10,
            boxHeight: 10,
            useBorderRadius: true,
            borderRadius: 2,
            padding: 14,
          },
        },
        tooltip: tooltipOf(options),
      },
    },
  };
}

function color(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function barsOf({ series, isHorizontal = false }: ChartOptions): ReadonlyArray<ChartDataset> {
  return series.map(({ name, values }, index) => ({
    type: 'bar',
    label: name,
    data: [...values],
    backgroundColor: color(`--series-${(index % 8) + 1}`),
    borderRadius: 2,
    maxBarThickness: 44,
    order: 1,
    ...(!isHorizontal && { yAxisID: 'y' }),
  }));
}

function lineOver({ line, labels }: ChartOptions): ReadonlyArray<ChartDataset> {
  if (line === undefined) return [];
  const ink = color('--ink');
  return [
    {
      type: 'line',
      label: line.name,
      data: [...line.values],
      borderColor: ink,
      backgroundColor: ink,
      borderWidth: 1.5,
      pointRadius: labels.length > 40 ? 0 : 2,
      spanGaps: true,
      yAxisID: 'line',
      order: 0,
    },
  ];
}

function scalesOf({
  line,
  format,
  tickFormat = format,
  isStacked = true,
  isHorizontal = false,
}: ChartOptions): NonNullable<NonNullable<ChartConfiguration['options']>['scales']> {
  const [ink, rule] = [color('--muted'), color('--rule')];
  const ticks = (own: (value: number) => string) => ({
    color: ink,
    callback: (value: number | string) => own(Number(value)),
    maxTicksLimit: 6,
  });
  const numbers = {
    stacked: isStacked,
    beginAtZero: true,
    grid: { color: rule },
    border: { display: false },
    ticks: ticks(tickFormat),
  };
  const names = {
    stacked: isStacked,
    grid: { display: false },
    border: { color: rule },
    ticks: { color: ink, maxRotation: 0, autoSkipPadding: 16 },
  };
  if (isHorizontal) return { x: numbers, y: names };
  if (line === undefined) return { x: names, y: numbers };
  const right = {
    ...numbers,
    stacked: false,
    position: 'right' as const,
    grid: { display: false },
    ticks: ticks(line.format),
  };
  return { x: names, y: numbers, line: right };
}

function tooltipOf({
  line,
  format,
  isStacked = true,
}: ChartOptions): NonNullable<NonNullable<NonNullable<ChartConfiguration['options']>['plugins']>['tooltip']> {
  return {
    enabled: false,
    external: ({ chart: { canvas }, tooltip }) => {
      if (canvas.parentElement !== null) showReadout({ frame: canvas.parentElement, tooltip });
    },
    filter: ({ raw }) => raw !== 0 && raw !== null,
    callbacks: {
      label: ({ dataset, raw }) => {
        const own = line !== undefined && dataset.label === line.name ? line.format : format;
        return `${dataset.label}: ${own(Number(raw))}`;
      },
      footer: items => {
        const bars = items.filter(({ dataset }) => dataset.type === 'bar');
        if (!isStacked || bars.length < 2) return '';
        return `Together: ${format(bars.reduce((sum, { raw }) => sum + Number(raw), 0))}`;
      },
    },
  };
}

function asTable({ title, labels, series, line, format }: ChartOptions): HTMLElement {
  const columns: ReadonlyArray<{ readonly name: string; readonly texts: ReadonlyArray<string> }> = [
    ...series.map(({ name, values }) => ({ name, texts: values.map(format) })),
    ...(line === undefined
      ? []
      : [{ name: line.name, texts: line.values.map(value => (value === null ? '–' : line.format(value))) }]),
  ];
  // Made when it is opened: a thousand days of eight series are cells that most never look at.
  const details = element('details', { class: 'figures' }, element('summary', {}, 'Figures as a table'));
  details.addEventListener(
    'toggle',
    () => {
      const head = element(
        'tr',
        {},
        element('th', { scope: 'col' }, ''),
        ...columns.map(({ name }) => element('th', { scope: 'col' }, name)),
      );
      const rows = labels.map((label, index) =>
        element(
          'tr',
          {},
          element('th', { scope: 'row' }, label),
          ...columns.map(({ texts }) => element('td', {}, texts[index] ?? '')),
        ),
      );
      const table = element(
        'table',
        {},
        element('caption', {}, title),
        element('thead', {}, head),
        element('tbody', {}, ...rows),
      );
      details.append(element('div', { class: 'scroll', tabindex: 0 }, table));
    },
    { once: true },
  );
  return details;
}
