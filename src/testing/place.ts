import type { Wire, WireStep } from './wire.ts';

/** Which output pieces a place counts; `output` counts all of them. */
export type CountedPiece = 'output' | 'text' | 'reasoning' | 'tool-input';

/**
 * A place in a response. `after: 'head'` is right behind the headers; `'preamble'` behind the events that open the stream
 * (`response.created`, `message_start`, the first role chunk; Gemini has none); `0` right before the first output piece,
 * behind the events that open its block; `n` right behind the n-th piece, where a number beyond the last means behind the
 * last. In an answer that is not streamed, everything from 1 on is the middle of the body.
 */
export type Place = {
  readonly after: number | 'head' | 'preamble';
  /** Default: `output`. */
  readonly of?: CountedPiece;
};

/** The steps before and behind a place. */
export function splitAt({ wire, place }: { wire: Wire; place: Place }): {
  readonly before: readonly WireStep[];
  readonly behind: readonly WireStep[];
} {
  const { after, of = 'output' } = place;
  const { steps } = wire;
  const behindHead = steps.findIndex(step => step.type === 'head') + 1;
  const cutAt = (index: number) => ({ before: steps.slice(0, index), behind: steps.slice(index) });
  if (after === 'head') return cutAt(behindHead);
  if (after === 'preamble') {
    const lastOpening = steps.findLastIndex(step => step.type === 'write' && step.role === 'preamble');
    return cutAt(lastOpening < 0 ? behindHead : lastOpening + 1);
  }

  const bodyAt = steps.findIndex(step => step.type === 'write' && step.role === 'body');
  if (bodyAt >= 0) return after === 0 ? cutAt(bodyAt) : splitInside({ steps, index: bodyAt });

  const counted = steps.flatMap((step, index) => (isCounted({ step, of }) ? [index] : []));
  const first = counted[0];
  const finish = steps.findIndex(step => step.type === 'write' && step.role === 'finish');
  if (first === undefined) return cutAt(finish < 0 ? behindHead : finish);
  if (after === 0) return cutAt(first);
  return cutAt((counted[Math.min(after, counted.length) - 1] ?? first) + 1);
}

/** Cuts the first write from `index` on in two, so that a place can be inside of one event. */
export function splitInside({ steps, index }: { steps: readonly WireStep[]; index: number }): {
  readonly before: readonly WireStep[];
  readonly behind: readonly WireStep[];
} {
  const at = steps.findIndex((step, position) => position >= index && step.type === 'write');
  const step = steps[at];
  if (step?.type !== 'write') return { before: steps.slice(0, index), behind: steps.slice(index) };
  const half = Math.ceil(step.text.length / 2);
  return {
    before: [...steps.slice(0, at), { ...step, text: step.text.slice(0, half) }],
    behind: [{ ...step, text: step.text.slice(half) }, ...steps.slice(at + 1)],
  };
}

function isCounted({ step, of }: { step: WireStep; of: CountedPiece }): boolean {
  if (step.type !== 'write') return false;
  return of === 'output'
    ? step.role === 'text' || step.role === 'reasoning' || step.role === 'tool-input'
    : step.role === of;
}
