import type { LanguageModelV4CallOptions, LanguageModelV4StreamPart } from '@ai-sdk/provider';
import {
  type CompositeMetadata,
  compositeMetadata,
  createComposite,
  StreamInterruptedError,
} from 'ai-composite';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { call } from '../../testing/call.ts';
import { createEventLog } from '../event-log.ts';
import { createManualClock } from '../manual-clock.ts';
import { httpError, scriptedModel, type Turn, textParts } from '../scripted-model.ts';

/** By hand: `CONTINUE_RUNS=100000 npx vitest run test/fallback/continue/laws.property.test.ts`. */
const runs = Number(process.env.CONTINUE_RUNS ?? 300);

/** What becomes of one request, as plain data, so that a failing case can be read and shrunk. */
type Fate = {
  /** How a prefill is met; a request without one gets a fresh answer. */
  readonly prefill: 'taken' | 'refused' | 'starts over' | 'repeats the end' | 'other words';
  /** The fresh answer: the same text as the first candidate's, or other words. */
  readonly isSame: boolean;
  readonly isDeclared: boolean;
  readonly end: 'whole' | 'cut' | 'error' | 'no finish' | 'made-up finish' | 'stall' | 'silent' | 'down';
  /** Where an answer that is not whole breaks off. */
  readonly percent: number;
  /** The lengths of its pieces, in turn. */
  readonly pieces: readonly number[];
  readonly thinks: boolean;
  /** The text comes in two blocks. */
  readonly isSplit: boolean;
};

type Scenario = { readonly text: string; readonly other: string; readonly fates: readonly Fate[] };

const word = fc.constantFrom(
  ...['the ', 'cat ', 'sat', ' on', '\n', '\n\n', '    ', '```ts\n', '```', 'const a = 1;\n', '| --- ', '- '],
  ...['👩‍💻', '😀 ', 'ü', 'a', 'ha ', '1. ', 'Hello', ', ', 'world', '.', '\t', '\u00a0'],
);
const words = fc.array(word, { minLength: 1, maxLength: 30 }).map(list => list.join(''));
const fate: fc.Arbitrary<Fate> = fc.record({
  prefill: fc.constantFrom('taken', 'refused', 'starts over', 'repeats the end', 'other words'),
  isSame: fc.boolean(),
  isDeclared: fc.boolean(),
  end: fc.constantFrom(
    'whole',
    'whole',
    'whole',
    'cut',
    'error',
    'no finish',
    'made-up finish',
    'stall',
    'silent',
    'down',
  ),
  percent: fc.integer({ min: 0, max: 100 }),
  pieces: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 5 }),
  thinks: fc.boolean(),
  isSplit: fc.boolean(),
});
const scenario: fc.Arbitrary<Scenario> = fc.record({
  text: words,
  // Other words from the first one on: nobody could tell a prefill that is ignored from one that is taken.
  other: words.map(text => `Otherwise ${text}`),
  fates: fc
    .tuple(
      fc.record({
        own: fate,
        end: fc.constantFrom(...(['cut', 'error', 'no finish', 'made-up finish', 'stall'] as const)),
      }),
      fc.array(fate, { minLength: 1, maxLength: 3 }),
    )
    .map(([{ own, end }, others]) => [{ ...own, end }, ...others]),
});

/** The text of the prefill in a request. */
function prefillIn({ prompt }: LanguageModelV4CallOptions): string | undefined {
  const last = prompt.at(-1);
  const [part] = last?.role === 'assistant' ? last.content : [];
  return part?.type === 'text' ? part.text : undefined;
}

const never = new Promise<void>(() => {});

function turnOf({ own, text }: { readonly own: Fate; readonly text: string }): Turn {
  if (own.end === 'silent') return { silent: true };
  if (own.end === 'down') return { error: httpError({ statusCode: 503 }) };
  const pieces: string[] = [];
  for (let at = 0, index = 0; at < text.length; index++) {
    const length = own.pieces[index % own.pieces.length] ?? 1;
    pieces.push(text.slice(at, at + length));
    at += length;
  }
  const thought: LanguageModelV4StreamPart[] = own.thinks
    ? [
        { type: 'reasoning-start', id: 'r' },
        { type: 'reasoning-delta', id: 'r', delta: 'Hm.' },
        { type: 'reasoning-end', id: 'r' },
      ]
    : [];
  const [start, ...rest] = textParts({ text: pieces });
  const half = Math.ceil(pieces.length / 2);
  if (own.isSplit && pieces.length > 1) {
    for (let at = half + 1; at < rest.length - 1; at++)
      rest[at] = { ...rest[at], id: 'u' } as LanguageModelV4StreamPart;
    rest.splice(half + 1, 0, { type: 'text-end', id: 't' }, { type: 'text-start', id: 'u' });
  }
  const parts = [...(start === undefined ? [] : [start]), ...thought, ...rest];
  const at = 1 + Math.floor((own.percent / 100) * (parts.length - 2));
  switch (own.end) {
    case 'whole':
      return { parts };
    case 'cut':
      return { parts, breakAfter: at, error: httpError({}) };
    case 'error':
      return { parts: [...parts.slice(0, at), { type: 'error', error: httpError({ statusCode: 500 }) }] };
    case 'no finish':
      return { parts: parts.slice(0, at) };
    case 'made-up finish': {
      const finish = { unified: 'other', raw: undefined } as const;
      const usage = {
        inputTokens: { total: undefined, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
        outputTokens: { total: undefined, text: undefined, reasoning: undefined },
      };
      return { parts: [...parts.slice(0, at), { type: 'finish', finishReason: finish, usage }] };
    }
    case 'stall':
      return { parts, pause: { after: at, until: never } };
  }
}

/** What a candidate says to one request, and the whole answer that this is a part of; undefined where that is not known. */
function saidTo({
  options,
  own,
  text,
  other,
}: {
  readonly options: LanguageModelV4CallOptions;
  readonly own: Fate;
  readonly text: string;
  readonly other: string;
}): { readonly said: string; readonly whole?: string } | undefined {
  const sent = prefillIn(options);
  const fresh = own.isSame ? text : other;
  if (sent === undefined) return { said: fresh, whole: fresh };
  const rest = text.startsWith(sent) ? text.slice(sent.length) : ' and on';
  const tail = sent.slice(-12);
  const whole = `${sent}${rest}`;
  switch (own.prefill) {
    case 'refused':
      return undefined;
    case 'starts over':
      // Of so little nobody could tell what is meant.
      return sent.length < 4 ? { said: rest, whole } : { said: whole, whole };
    case 'repeats the end':
      return tail.length < 4 || !/[\p{L}\p{N}]/u.test(tail)
        ? { said: rest, whole }
        : { said: `${tail}${rest}`, whole };
    case 'other words':
      // It begins over, and then says something else.
      return sent.length < 9 ? { said: rest, whole } : { said: `${sent.slice(0, -1)}%${other}` };
    default:
      return { said: rest, whole };
  }
}

async function play({ text, other, fates }: Scenario) {
  const clock = createManualClock();
  const log = createEventLog();
  const wholes = [text];
  const candidates = fates.map((own, index) => {
    const model = scriptedModel({
      id: `m${index}`,
      turns: request => {
        const options = model.calls[request];
        const answer =
          index === 0 || options === undefined ? { said: text } : saidTo({ options, own, text, other });
        if (answer === undefined) return { error: httpError({ statusCode: 400 }) };
        if (answer.whole !== undefined) wholes.push(answer.whole);
        return turnOf({ own, text: answer.said });
      },
    });
    return {
      model,
      name: `m${index}`,
      price: { inputTokens: 1, outputTokens: 2 },
      capabilities: { prefill: own.isDeclared },
    };
  });
  const model = createComposite({
    tasks: {
      chat: {
        candidates,
        recover: 'continue',
        timeout: { firstChunkMs: 5_000, chunkMs: 2_000, totalMs: 60_000 },
        attempts: 1,
      },
    },
    clock,
    pricing: { catalog: false },
    ...log.observers,
  });
  const parts: LanguageModelV4StreamPart[] = [];
  let thrown: unknown;
  let isOver = false;
  const read = async () => {
    try {
      const reader = (await model.doStream(call())).stream.getReader();
      for (let next = await reader.read(); !next.done; next = await reader.read()) parts.push(next.value);
    } catch (error) {
      thrown = error;
    }
    isOver = true;
  };
  void read();
  // The last one left is never cut before its first output; everything else is over by then.
  for (let turn = 0; turn < 30 && !isOver; turn++) await clock.advance(3_000);
  await clock.advance(10_000);
  return { parts, thrown, isOver, log, clock, wholes };
}

/** Every piece is in a block that is open, and no block is left open but where the answer broke off. */
function expectBlocks({
  parts,
  isWhole,
}: {
  readonly parts: readonly LanguageModelV4StreamPart[];
  readonly isWhole: boolean;
}): void {
  const blocks = new Set<string>();
  for (const part of parts) {
    const match = /^(text|reasoning)-(start|delta|end)$/.exec(part.type);
    if (match === null || !('id' in part)) continue;
    const block = `${match[1]} ${part.id}`;
    expect([match[2], blocks.has(block)]).toEqual([match[2], match[2] !== 'start']);
    if (match[2] === 'start') blocks.add(block);
    if (match[2] === 'end') blocks.delete(block);
  }
  if (isWhole) expect([...blocks]).toEqual([]);
}

test(`whatever becomes of an answer, it is one, or the beginning of one with an error behind it (${runs} runs)`, async () => {
  const counts = { whole: 0, continued: 0, broken: 0, none: 0 };
  await fc.assert(
    fc.asyncProperty(scenario, async own => {
      const { parts, thrown, isOver, log, clock, wholes } = await play(own);
      expect(isOver).toBe(true);
      const count = (type: LanguageModelV4StreamPart['type']) =>
        parts.filter(part => part.type === type).length;
      const told = parts.map(part => (part.type === 'text-delta' ? part.delta : '')).join('');
      const finish = parts.at(-1);
      const errors = parts.flatMap(part => (part.type === 'error' ? [part.error] : []));
      expect(clock.pending()).toBe(0);
      expectBlocks({ parts, isWhole: errors.length === 0 });
      expect(log.starts.map(({ attemptNumber }) => attemptNumber)).toEqual(
        log.starts.map((_, index) => index + 1),
      );
      expect(log.ends.map(({ attemptNumber }) => attemptNumber).sort((a, b) => a - b)).toEqual(
        log.starts.map(({ attemptNumber }) => attemptNumber),
      );
      expect(log.calls).toHaveLength(1);
      if (thrown !== undefined) {
        counts.none += 1;
        expect(parts).toEqual([]);
        return;
      }
      if (finish?.type !== 'finish') throw new Error('no finish');
      const report = compositeMetadata(finish) as CompositeMetadata;
      expect(report.attempts).toHaveLength(log.starts.length);
      if (errors.length > 0) {
        counts.broken += 1;
        expect(errors.map(error => StreamInterruptedError.isInstance(error))).toEqual([true]);
        expect(finish.finishReason.unified).toBe('error');
        expect(log.calls[0]?.outcome).toBe('failure');
        expect(wholes.some(whole => whole.startsWith(told))).toBe(true);
        return;
      }
      counts[report.recovered === undefined ? 'whole' : 'continued'] += 1;
      expect(wholes).toContain(told);
      expect(finish.finishReason.unified).toBe('stop');
      expect(count('finish')).toBe(1);
      if (!own.fates.some(({ isSplit }) => isSplit))
        expect([count('text-start'), count('text-end')]).toEqual([1, 1]);
      expect(log.calls[0]?.outcome).toBe('success');
      const ends = log.ends.filter(({ outcome }) => outcome === 'success');
      expect(ends.map(({ candidate }) => candidate)).toEqual([report.candidate]);
      const makers = report.recovered?.parts ?? [];
      expect(makers.at(-1)?.candidate ?? report.candidate).toBe(report.candidate);
      expect(makers.map(({ offset }) => offset)).toEqual(
        makers.map(({ offset }) => offset).sort((a, b) => a - b),
      );
    }),
    { numRuns: runs },
  );

  expect(counts.continued).toBeGreaterThan(runs / 20);
}, 300_000);
