import type { Fault, Reply, Wire, WireStep } from '../../src/testing/index.ts';
import { respond } from '../../src/testing/index.ts';

/** Numbers between 0 and 1 that follow from a seed (mulberry32), so that a case can be played again. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Picks with a random source. */
export type Pick = {
  readonly below: (limit: number) => number;
  readonly of: <T>(list: readonly [T, ...T[]]) => T;
  readonly chance: (share: number) => boolean;
};

export function picking(random: () => number): Pick {
  const below = (limit: number) => Math.floor(random() * limit);
  return { below, of: list => list[below(list.length)] ?? list[0], chance: share => random() < share };
}

type Write = Extract<WireStep, { type: 'write' }>;

const isWrite = (step: WireStep): step is Write => step.type === 'write';

/** Where a random one of the writes stands that fulfil a condition; undefined where none does. */
function somewhere({
  wire,
  pick,
  fits,
}: {
  readonly wire: Wire;
  readonly pick: Pick;
  readonly fits: (step: Write, next: WireStep | undefined) => boolean;
}): number | undefined {
  const places = wire.steps.flatMap((step, index) =>
    isWrite(step) && fits(step, wire.steps[index + 1]) ? [index] : [],
  );
  return places[pick.below(places.length)];
}

/** Ends the response at any byte of its body. */
function endAnywhere(pick: Pick, type: 'end' | 'cut' | 'reset'): Fault {
  return ({ wire }) => {
    const at = somewhere({ wire, pick, fits: () => true });
    const step = at === undefined ? undefined : wire.steps[at];
    if (at === undefined || step?.type !== 'write') return wire;
    const kept = { ...step, text: step.text.slice(0, pick.below(step.text.length + 1)) };
    return { ...wire, steps: [...wire.steps.slice(0, at), kept, { type }] };
  };
}

/**
 * Tears one event with a piece of the answer behind the first characters of that piece; the rest of the event is lost. Torn
 * before, the event would look like one that never held content: nobody can tell.
 */
function tear(pick: Pick, pieces: readonly string[]): Fault {
  return ({ wire }) => {
    const at = somewhere({
      wire,
      pick,
      fits: step => pieces.some(piece => step.text.includes(quoted(piece))),
    });
    const step = at === undefined ? undefined : wire.steps[at];
    if (at === undefined || step?.type !== 'write') return wire;
    const piece = pieces.find(known => step.text.includes(quoted(known))) ?? '';
    const first = step.text.indexOf(quoted(piece)) + 1;
    // Behind the last closing brace the event is whole.
    const last = step.text.trimEnd().length - 1;
    const torn = `${step.text.slice(0, first + pick.below(last - first))}\n\n`;
    return { ...wire, steps: wire.steps.with(at, { ...step, text: torn }) };
  };
}

const quoted = (piece: string) => JSON.stringify(piece).slice(0, -1);

/** Sends a piece of an event, torn at any byte, before the whole event. */
function stutter(pick: Pick): Fault {
  return ({ wire }) => {
    const at = somewhere({ wire, pick, fits: () => true });
    const step = at === undefined ? undefined : wire.steps[at];
    if (at === undefined || step?.type !== 'write') return wire;
    const torn = { ...step, text: `${step.text.slice(0, pick.below(step.text.trimEnd().length))}\n\n` };
    return { ...wire, steps: wire.steps.toSpliced(at, 0, torn) };
  };
}

/** Loses what separates two events, or a part of it. */
function glue(pick: Pick): Fault {
  return ({ wire }) => {
    const at = somewhere({ wire, pick, fits: (_step, next) => next !== undefined && isWrite(next) });
    const [step, next] = at === undefined ? [] : wire.steps.slice(at, at + 2);
    if (at === undefined || step?.type !== 'write' || next?.type !== 'write') return wire;
    const head = step.text.trimEnd();
    const text = pick.of([
      `${head}${next.text}`,
      `${head}${next.text.replace(/^[\s\S]*?data: /, '')}`,
      `${head}\n${next.text}`,
    ]);
    return { ...wire, steps: wire.steps.toSpliced(at, 2, { ...next, text }) };
  };
}

/** A reply with random damage, and what it is called. */
export function damagedReply({
  pick,
  answer,
  pieces,
}: {
  readonly pick: Pick;
  readonly answer: Parameters<typeof respond.answer>[0];
  /** The pieces of the answer as they travel. */
  readonly pieces: readonly string[];
}): { readonly name: string; readonly reply: Reply } {
  const kinds = ['end', 'cut', 'reset', 'tear', 'stutter', 'glue', 'other', 'none'] as const;
  const kind = pick.of(kinds);
  const split: readonly Fault[] = pick.chance(0.2)
    ? [({ wire }) => ({ ...wire, drip: { bytes: 1 + pick.below(200), pause: 0 } })]
    : [];
  const name = split.length === 0 ? kind : `${kind} in split packets`;
  const broken = (own: Fault) => ({ name, reply: respond.answer({ ...answer, faults: [own, ...split] }) });
  switch (kind) {
    case 'end':
    case 'cut':
    case 'reset':
      return broken(endAnywhere(pick, kind));
    case 'tear':
      return broken(tear(pick, pieces));
    case 'stutter':
      return broken(stutter(pick));
    case 'glue':
      return broken(glue(pick));
    case 'none':
      return { name, reply: respond.answer({ ...answer, faults: split }) };
    case 'other': {
      const [other, reply] = pick.of<readonly [string, Reply]>([
        ['html', respond.html()],
        ['nothing', respond.empty()],
        ['a refused connection', respond.reset()],
        ['a closed connection', respond.cut()],
        ['garbage', respond.garbage()],
        ['400', respond.status(400)],
        ['401', respond.status(401)],
        ['429', respond.status(429)],
        ['500', respond.status(500)],
        ['529', respond.status(529)],
      ]);
      return { name: other, reply };
    }
    default:
      return kind satisfies never;
  }
}
