import type { PageBudget, PageHealth } from '../page-data.ts';
import { element } from './element.ts';
import { count, floorUsd, momentText, percent, things, usd } from './format.ts';
import type { Figures } from './selection.ts';

/** The figures at the top. */
export function cards({
  calls,
  answered,
  aborted,
  fellBack,
  attempts,
  usd: value,
  unpriced,
  inputTokens,
  outputTokens,
}: Figures): HTMLElement {
  const known = value > 0 || unpriced < Math.max(attempts, 1);
  const all: ReadonlyArray<readonly [name: string, figure: string, note: string]> = [
    [
      'Cost',
      floorUsd({ value, unpriced, known }),
      unpriced === 0
        ? 'every request has a price'
        : `without ${things({ value: unpriced, word: 'request' })} that no price is known of`,
    ],
    ['Calls', count(calls), `${things({ value: attempts, word: 'request' })} to models`],
    [
      'Cost of a call',
      calls === 0 ? '–' : floorUsd({ value: value / calls, unpriced, known }),
      `${count(inputTokens)} tokens in, ${count(outputTokens)} out`,
    ],
    [
      'Answered',
      percent(calls > aborted ? answered / (calls - aborted) : undefined),
      `${count(calls - aborted - answered)} failed, ${count(aborted)} stopped`,
    ],
    [
      'By a fallback',
      percent(answered > 0 ? fellBack / answered : undefined),
      things({ value: fellBack, word: 'answer' }),
    ],
  ];
  return element(
    'dl',
    { class: 'cards' },
    ...all.map(([name, figure, note]) =>
      element(
        'div',
        {},
        element('dt', {}, name),
        element('dd', {}, element('strong', {}, figure), element('span', {}, note)),
      ),
    ),
  );
}

/** Who is down, as of when the page was made. */
export function healthList(health: ReadonlyArray<PageHealth>): HTMLElement {
  return element(
    'ul',
    { class: 'health' },
    ...health.map(({ candidate, state, lastFailureKind, openUntilMs }) => {
      const word = state === 'closed' ? 'healthy' : state === 'open' ? 'down' : 'being tried';
      const note = [
        lastFailureKind,
        openUntilMs === undefined ? undefined : `next try ${momentText(openUntilMs)}`,
      ].filter(Boolean);
      return element(
        'li',
        {},
        element('span', { class: `badge ${state}` }, word),
        ` ${candidate}`,
        ...(state === 'closed' || note.length === 0 ? [] : [element('small', {}, note.join(', '))]),
      );
    }),
  );
}

/** Budgets as bars: what is spent, and what is held beside it. */
export function budgetList(budgets: ReadonlyArray<PageBudget>): HTMLElement {
  return element(
    'ul',
    { class: 'budgets' },
    ...budgets.map(({ budget, key = '', limit, spent, held, resetsAtMs }) => {
      const share = (amount = 0) => Math.max(0, Math.min(100, (amount / limit.usd) * 100));
      const name = key === '' ? budget : `${budget}: ${key}`;
      const said = spent === undefined ? 'not known now' : `${usd(spent.usd)} of ${usd(limit.usd)} spent`;
      const more = [
        ...(held !== undefined && held.usd > 0 ? [`${usd(held.usd)} held`] : []),
        ...(resetsAtMs === undefined ? [] : [`begins anew ${momentText(resetsAtMs)}`]),
      ];
      return element(
        'li',
        {},
        element('div', { class: 'who' }, element('b', {}, name), ` ${[said, ...more].join(' · ')}`),
        element(
          'div',
          {
            class: 'meter',
            role: 'meter',
            'aria-label': name,
            'aria-valuemin': 0,
            'aria-valuemax': limit.usd,
            'aria-valuenow': spent?.usd ?? 0,
            'aria-valuetext': said,
          },
          element('span', { class: 'spent', style: `width:${share(spent?.usd)}%` }),
          element('span', {
            class: 'held',
            style: `width:${Math.min(100 - share(spent?.usd), share(held?.usd))}%`,
          }),
        ),
      );
    }),
  );
}
