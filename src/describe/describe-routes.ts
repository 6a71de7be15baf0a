import type { Candidate } from '../candidate/candidate.ts';
import type { Need } from '../fallback/conditions/condition.ts';
import { inOrder, needsOf } from '../fallback/conditions/held-back.ts';
import { wayOf } from '../fallback/continue/declared-way.ts';
import { notMade } from '../provider/lazy-model.ts';
import { isByWeight, type Order } from '../route/order/order.ts';
import type { ParsedRoute } from '../settings/route-settings.ts';
import type { ParsedSettings } from '../settings/settings.ts';
import type { Observed } from '../state/observed/observed.ts';
import { describeBudgets, describeRates } from './describe-budgets.ts';
import { describeScores, firstOutputCell, limitCell } from './describe-observed.ts';

const recoverHead = 'recovers by';
const heldHead = 'held until';
const affinityHead = 'comes back';
const head = [
  'task',
  'order',
  recoverHead,
  heldHead,
  affinityHead,
  'candidate',
  'provider',
  'model',
  'attempts',
  'first output',
  'without',
];

/** Shown where a route sets something of it. */
const optional: ReadonlyArray<string | undefined> = [recoverHead, heldHead, affinityHead];

/**
 * Prints a composite's routes as a table for people: a line a candidate in the order it is listed, the default task with a
 * star, and what the candidate is declared not to do. What is done about a broken stream, how far streams are held back for
 * which judgement, and when conversations come back shows where a route sets it; budgets, rate limits and what a score goes by
 * have a line each behind the table.
 */
export function describeRoutes({
  settings: { routes, defaultTask, spending },
  observed,
}: {
  readonly settings: ParsedSettings;
  /** Undefined where nothing was observed. */
  readonly observed: Observed | undefined;
}): string {
  const rows = [...routes.values()].flatMap(route =>
    route.candidates.map((candidate, index) => [
      ...(index === 0
        ? [
            taskCell({ route, defaultTask }),
            orderCell(route.order),
            recoverCell({ route, candidate }),
            heldCell(route),
            affinityCell(route),
          ]
        : ['', '', route.recover === 'continue' ? recoverCell({ route, candidate }) : '', '', '']),
      candidate.name,
      ...modelCells(candidate),
      String(candidate.attempts),
      firstOutputCell({ candidate, waits: observed?.waits }),
      withoutCell(candidate),
    ]),
  );
  const isShown = (_cell: string, column: number) =>
    !optional.includes(head[column]) || rows.some(row => row[column] !== '');
  const printed = table([head, ...rows].map(row => row.filter(isShown)));
  const notes = [
    ...(spending === undefined
      ? []
      : [...describeBudgets(spending.settings), ...describeRates(spending.rates)]),
    ...(observed === undefined ? [] : describeScores({ routes: [...routes.values()], observed })),
  ];
  return notes.length === 0 ? printed : [printed, '', ...notes].join('\n');
}

function taskCell({
  route: { task },
  defaultTask,
}: {
  readonly route: ParsedRoute;
  readonly defaultTask: string;
}): string {
  return task === defaultTask ? `${task} *` : task;
}

/** What the route does, and where that is to continue, how this candidate goes on with another one's answer. */
function recoverCell({
  route: { recover },
  candidate,
}: {
  readonly route: ParsedRoute;
  readonly candidate: Candidate;
}): string {
  return recover === 'continue' ? `${recover}, ${wayOf({ candidate, options: {} })}` : (recover ?? '');
}

/** How far streams are held back, and which judgements need it. */
function heldCell({ conditions }: ParsedRoute): string {
  const needs = needsOf(conditions);
  return inOrder
    .flatMap(until => {
      const by = needs.filter(need => need.until === until).map(nameOf);
      return by.length === 0 ? [] : `${until} (${[...new Set(by)].join(', ')})`;
    })
    .join(', ');
}

function nameOf({ by, only }: Need): string {
  return only === undefined ? by : `${by} with ${only === 'json' ? 'JSON' : only}`;
}

/** When conversations come back, where it is not the usual way. */
function affinityCell({ candidates, hasAffinity, returnWhen }: ParsedRoute): string {
  if (!hasAffinity) return candidates.length > 1 ? 'no affinity' : '';
  return returnWhen === undefined || returnWhen === 'recovered' ? '' : returnWhen;
}

function orderCell(order: Order): string {
  if (typeof order === 'function') return 'function';
  if (typeof order === 'string') return order;
  if (!isByWeight(order)) return `deadline ${limitCell(order.deadlineMs)}, bad answer $${order.badAnswerUsd}`;
  const weights = Object.entries(order.weights).map(([name, weight]) => `${name} ${weight}`);
  return `weights: ${weights.join(', ')}`;
}

/** Provider and model id; a function's model has none before it was asked. */
function modelCells({ model: { provider, modelId } }: Candidate): ReadonlyArray<string> {
  return provider === notMade ? ['not made yet', ''] : [provider, modelId];
}

function withoutCell({ capabilities = {} }: Candidate): string {
  const { contextWindow, maxOutputTokens, ...abilities } = capabilities;
  return [
    ...Object.entries(abilities).flatMap(([name, isAble]) => (isAble === false ? [name] : [])),
    ...(contextWindow === undefined ? [] : [`more than ${contextWindow} tokens`]),
    ...(maxOutputTokens === undefined ? [] : [`more than ${maxOutputTokens} output tokens`]),
  ].join(', ');
}

/** Columns as wide as their widest cell, two spaces apart, a line under the first row. */
function table(rows: ReadonlyArray<ReadonlyArray<string>>): string {
  const [first = [], ...others] = rows;
  const widths = first.map((_name, column) => Math.max(...rows.map(row => row[column]?.length ?? 0)));
  const line = widths.map(width => '-'.repeat(width));
  return [first, line, ...others]
    .map(row =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
