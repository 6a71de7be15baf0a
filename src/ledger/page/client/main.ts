import type { PageData } from '../page-data.ts';
import { type Buckets, bucketsOf } from './buckets.ts';
import { budgetList, cards, healthList } from './cards.ts';
import { chart, clearCharts } from './charts.ts';
import { controls } from './controls.ts';
import { element } from './element.ts';
import { count, dayText, duration, momentText, percent, usd, usdTick } from './format.ts';
import { figuresOf, isSelected, type Selection } from './selection.ts';
import { costSeries, failureSeries, ratioSeries } from './series.ts';
import { callsTable } from './waterfall.ts';

// Written by the ledger into the page.
const data: PageData = JSON.parse(document.getElementById('data')?.textContent ?? '{}');
const page = document.getElementById('page');
const figures = element('div', { id: 'figures', 'aria-live': 'polite' });

let selection: Selection = {
  firstDay: data.firstDay,
  lastDay: data.lastDay,
  by: 'model',
  task: undefined,
  candidate: undefined,
  model: undefined,
};

page?.replaceChildren(
  element(
    'header',
    {},
    element('h1', {}, data.title),
    element(
      'p',
      {},
      `${dayText(data.firstDay)} to ${dayText(data.lastDay)}, UTC. Made ${momentText(data.madeAtMs)}.`,
    ),
  ),
  controls({
    data,
    selection,
    onChange: changed => {
      selection = changed;
      draw();
    },
  }),
  figures,
  ...(data.health.length === 0 ? [] : [section('Who is down', healthList(data.health))]),
  ...(data.budgets.length === 0 ? [] : [section('Budgets', budgetList(data.budgets))]),
  section('Latest calls', callsTable(data.calls)),
  element('footer', {}, 'Times are UTC. A cost with ≥ is a floor: some requests in it have no known price.'),
);
draw();
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);

function draw(): void {
  clearCharts();
  const buckets = bucketsOf(selection);
  const by = selection.by.replace(/^tag:/, '');
  figures.replaceChildren(
    cards(figuresOf({ data, selection })),
    section(`Cost by ${by}`, costChart({ buckets, by })),
    section('Cost of a call', callCostChart(buckets)),
    section('Failures and fallbacks', failureChart(buckets)),
    section('First output, whole period', firstOutputChart()),
  );
}

function costChart({ buckets, by }: { readonly buckets: Buckets; readonly by: string }): HTMLElement {
  return chart({
    title: `Cost a ${buckets.unit} by ${by}`,
    labels: buckets.labels,
    series: costSeries({ data, selection, buckets }),
    format: usd,
    tickFormat: usdTick,
  });
}

function callCostChart(buckets: Buckets): HTMLElement {
  const values = ratioSeries({ data, selection, buckets, ratio: row => [row[9] / 1e9, row[4]] });
  return chart({
    title: `Cost of a call, a ${buckets.unit}`,
    labels: buckets.labels,
    series: [{ name: 'Cost of a call', values: values.map(value => value ?? 0) }],
    format: usd,
    tickFormat: usdTick,
  });
}

function failureChart(buckets: Buckets): HTMLElement {
  const values = ratioSeries({ data, selection, buckets, ratio: row => [row[7], row[5]] });
  return chart({
    title: `Failed requests a ${buckets.unit} by kind, and the share of answers by a fallback`,
    labels: buckets.labels,
    series: failureSeries({ data, selection, buckets }),
    line: { name: 'answered by a fallback', values, format: percent },
    format: count,
    tickFormat: value => (Number.isInteger(value) ? count(value) : ''),
  });
}

/** Candidates of which the first output is drawn, the most asked ones: more bars would be a wall. */
const mostCandidates = 12;

function firstOutputChart(): HTMLElement {
  const asked = new Map<string, number>();
  for (const row of data.rows) {
    const name = isSelected({ row, selection }) ? data.candidates[row[2]] : undefined;
    if (name !== undefined) asked.set(name, (asked.get(name) ?? 0) + row[8]);
  }
  const shown = data.firstChunkMs
    .filter(({ candidate }) => asked.has(candidate))
    .sort((one, other) => (asked.get(other.candidate) ?? 0) - (asked.get(one.candidate) ?? 0))
    .slice(0, mostCandidates);
  return chart({
    title: `Time to the first output of the ${mostCandidates} most asked candidates`,
    labels: shown.map(({ candidate }) => candidate),
    series: (['p50', 'p90', 'p99'] as const).map(name => ({ name, values: shown.map(own => own[name]) })),
    format: duration,
    isStacked: false,
    isHorizontal: true,
  });
}

function section(title: string, ...children: ReadonlyArray<Node>): HTMLElement {
  return element('section', {}, element('h2', {}, title), ...children);
}
