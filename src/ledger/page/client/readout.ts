import type { TooltipModel } from 'chart.js';
import { element } from './element.ts';

/** Says in words what is at the pointer, beside it and inside the chart's frame. */
export function showReadout({
  frame,
  tooltip: { opacity, title, body, footer, labelColors, caretX },
}: {
  readonly frame: HTMLElement;
  readonly tooltip: Pick<
    TooltipModel<'bar' | 'line'>,
    'opacity' | 'title' | 'body' | 'footer' | 'labelColors' | 'caretX'
  >;
}): void {
  const readout = frame.querySelector('.readout') ?? frame.appendChild(element('div', { class: 'readout' }));
  if (!(readout instanceof HTMLElement)) return;
  readout.hidden = opacity === 0 || body.length === 0;
  if (readout.hidden) return;
  const lines = body.map(({ lines }, index) =>
    element(
      'div',
      {},
      element('i', { style: `background:${String(labelColors[index]?.backgroundColor ?? '')}` }),
      lines.join(' '),
    ),
  );
  readout.replaceChildren(
    element('b', {}, title.join(' ')),
    ...lines,
    ...(footer.length === 0 ? [] : [element('div', { class: 'together' }, footer.join(' '))]),
  );
  const room = frame.clientWidth - readout.offsetWidth;
  const left = caretX > frame.clientWidth / 2 ? caretX - readout.offsetWidth - 12 : caretX + 12;
  readout.style.left = `${Math.max(0, Math.min(room, left))}px`;
}
