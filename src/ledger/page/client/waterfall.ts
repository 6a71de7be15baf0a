import type { LedgerAttempt, LedgerCall } from '../../questions/calls.ts';
import { element } from './element.ts';
import { count, duration, momentText, usd } from './format.ts';

/** The latest calls as a table; each unfolds into its attempts. */
export function callsTable(calls: ReadonlyArray<LedgerCall>): HTMLElement {
  if (calls.length === 0) return element('p', { class: 'empty' }, 'No calls in this period.');
  const head = ['', 'When (UTC)', 'Task', 'Answered by', 'Attempts', 'Took', 'Cost'].map(name =>
    element('th', { scope: 'col' }, name),
  );
  return element(
    'div',
    { class: 'scroll', tabindex: 0 },
    element(
      'table',
      { class: 'calls' },
      element('thead', {}, element('tr', {}, ...head)),
      element('tbody', {}, ...calls.flatMap((call, index) => callRows({ call, index }))),
    ),
  );
}

function callRows({
  call,
  index,
}: {
  readonly call: LedgerCall;
  readonly index: number;
}): ReadonlyArray<HTMLElement> {
  const id = `call-${index}`;
  const inside = element('tr', { id, hidden: true }, element('td', { colspan: 7 }));
  const button = element(
    'button',
    {
      type: 'button',
      'aria-expanded': 'false',
      'aria-controls': id,
      'aria-label': `Attempts of the call at ${momentText(call.startedAtMs)}`,
      click: () => {
        const isOpen = inside.hidden;
        inside.hidden = !isOpen;
        button.setAttribute('aria-expanded', String(isOpen));
        if (isOpen && inside.firstElementChild?.childElementCount === 0)
          inside.firstElementChild.append(waterfall(call));
      },
    },
    '›',
  );
  const row = element(
    'tr',
    {},
    element('td', {}, button),
    element('td', {}, momentText(call.startedAtMs)),
    element('td', {}, call.task),
    element('td', {}, call.candidate ?? element('span', { class: `badge ${call.outcome}` }, call.outcome)),
    element('td', {}, String(call.attempts.filter(({ n }) => !n.includes('.') && n !== 'classify').length)),
    element('td', {}, duration(call.durationMs)),
    element('td', {}, costText(call)),
  );
  return [row, inside];
}

function costText({ cost }: { readonly cost: Pick<LedgerAttempt['cost'], 'status' | 'usd'> }): string {
  if (cost.usd === undefined) return 'unknown';
  const mark = cost.status === 'lower-bound' ? '≥ ' : cost.status === 'estimated' ? '~ ' : '';
  return `${mark}${usd(cost.usd)}`;
}

/** The attempts of a call, each a bar from its start to its end; the darker part is the wait for the first output. */
function waterfall(call: LedgerCall): HTMLElement {
  const end = Math.max(
    call.startedAtMs + call.durationMs,
    ...call.attempts.map(({ startedAtMs, durationMs = 0 }) => startedAtMs + durationMs),
  );
  const scale = 100 / Math.max(1, end - call.startedAtMs);
  const tags = Object.entries(call.tags).map(([name, value]) =>
    element('span', { class: 'tag' }, `${name}: ${value}`),
  );
  const session =
    call.sessionId === undefined ? [] : [element('span', { class: 'tag' }, `session: ${call.sessionId}`)];
  const skipped = (call.skipped ?? []).map(({ candidate, reason }) =>
    element('li', {}, `${candidate} was skipped: ${reason}`),
  );
  const warnings = (call.warnings ?? []).map(warning => element('li', {}, warning));
  return element(
    'div',
    { class: 'waterfall' },
    element('p', { class: 'tags' }, element('code', {}, call.callId), ...tags, ...session),
    element('ol', {}, ...call.attempts.map(attempt => bar({ call, attempt, scale }))),
    ...(skipped.length + warnings.length === 0
      ? []
      : [element('ul', { class: 'notes' }, ...skipped, ...warnings)]),
  );
}

function bar({
  call,
  attempt,
  scale,
}: {
  readonly call: LedgerCall;
  readonly attempt: LedgerAttempt;
  readonly scale: number;
}): HTMLElement {
  const { n, candidate, modelId, outcome, failureKind, statusCode, startedAtMs, durationMs, firstChunkMs } =
    attempt;
  const left = Math.max(0, (startedAtMs - call.startedAtMs) * scale);
  const width = Math.max(0.5, (durationMs ?? 0) * scale);
  const firstWidth =
    firstChunkMs === undefined ? 0 : Math.min(100, (firstChunkMs / Math.max(1, durationMs ?? 0)) * 100);
  const said = outcome === 'failure' ? [failureKind, statusCode].filter(Boolean).join(' ') : outcome;
  const facts = [
    ...(durationMs === undefined ? [] : [duration(durationMs)]),
    ...(firstChunkMs === undefined ? [] : [`first output after ${duration(firstChunkMs)}`]),
    `${count(attempt.inputTokens)} in, ${count(attempt.outputTokens)} out`,
    costText(attempt),
  ];
  return element(
    'li',
    { style: `margin-left:${(n.split('.').length - 1) * 16}px` },
    element(
      'div',
      { class: 'who' },
      element('b', {}, n),
      ` ${candidate === '' ? modelId : candidate} `,
      element('span', { class: `badge ${outcome}` }, said),
    ),
    element(
      'div',
      { class: 'track', 'aria-hidden': 'true' },
      element(
        'span',
        {
          class: `span ${outcome}`,
          style: `left:${Math.min(left, 99.5)}%;width:${Math.min(width, 100 - Math.min(left, 99.5))}%`,
        },
        element('span', { class: 'first', style: `width:${firstWidth}%` }),
      ),
    ),
    element('div', { class: 'facts' }, facts.join(' · ')),
  );
}
