import type { LanguageModelV4, LanguageModelV4StreamPart } from '@ai-sdk/provider';
import { JSONParseError } from '@ai-sdk/provider';
import { createComposite, StreamInterruptedError } from 'ai-composite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFaultServer, fault, respond } from '../../src/testing/index.ts';
import { call, collect, textOf } from '../testing/call.ts';
import { clients } from '../testing/clients.ts';
import type { EngineOptions } from './engine-options.ts';
import { createEventLog } from './event-log.ts';
import { createManualClock, type ManualClock, settle } from './manual-clock.ts';
import { scriptedModel, textParts } from './scripted-model.ts';

type Part = LanguageModelV4StreamPart;

const unreadable: Part = {
  type: 'error',
  error: new JSONParseError({ text: ': still here', cause: new Error('no JSON') }),
};

/** Everything a gateway can send that gets an answer no further. */
const noises: ReadonlyArray<readonly [name: string, part: Part]> = [
  ['pings', { type: 'ping' }],
  ['raw chunks', { type: 'raw', rawValue: ': still here' }],
  ['empty text', { type: 'text-delta', id: 't', delta: '' }],
  ['empty reasoning', { type: 'reasoning-delta', id: 'r', delta: '' }],
  ['empty arguments', { type: 'tool-input-delta', id: 'c', delta: '' }],
  ['unreadable events', unreadable],
  ['metadata', { type: 'response-metadata', id: 'again' }],
  ['empty blocks', { type: 'text-start', id: 'next' }],
];

const [start, , , end, finish] = textParts({ text: ['x'] });
const opening: readonly Part[] = [
  ...(start === undefined ? [] : [start]),
  { type: 'text-start', id: 't' },
  { type: 'text-delta', id: 't', delta: 'so far' },
];
const closing: readonly Part[] = [end, finish].filter(part => part !== undefined);

/** A model that sends `before`, then noise: one part every `everyMs`, or without any pause and end. */
function noisy({
  before,
  noise,
  after = [],
  every,
  count = Number.POSITIVE_INFINITY,
}: {
  readonly before: readonly Part[];
  readonly noise: Part;
  readonly after?: readonly Part[];
  readonly every?: { readonly clock: ManualClock; readonly ms: number };
  readonly count?: number;
}) {
  const cancelled: unknown[] = [];
  let sent = 0;
  const model = {
    ...scriptedModel({ id: 'one', turns: [] }),
    doStream: async () => ({
      stream: new ReadableStream<Part>(
        {
          pull: async controller => {
            const index = sent++;
            const known = before[index] ?? after[index - before.length - count];
            if (known !== undefined) controller.enqueue(known);
            else if (index >= before.length + count) controller.close();
            else {
              if (every !== undefined)
                await new Promise<void>(resolve => {
                  every.clock.schedule({ delayMs: every.ms, callback: resolve });
                });
              controller.enqueue(noise);
            }
          },
          cancel: reason => {
            cancelled.push(reason);
          },
        },
        { highWaterMark: 0 },
      ),
    }),
  };
  return { model, cancelled, sent: () => sent };
}

function compose({
  model: first,
  clock,
  ...settings
}: { readonly model: LanguageModelV4; readonly clock: ManualClock } & EngineOptions) {
  const log = createEventLog();
  const model = createComposite({
    tasks: {
      chat: [
        { model: first, name: 'one' },
        { model: scriptedModel({ id: 'two', turns: [{ text: ['ok'] }] }), name: 'two' },
      ],
      alone: [{ model: first, name: 'one' }],
    },
    clock,
    attempts: 1,
    pricing: { catalog: false, onWarning: () => {} },
    ...log.observers,
    ...settings,
  });
  return { model, log };
}

function brokeOffBy(parts: readonly Part[]): unknown {
  const error = parts.find(part => part.type === 'error' && StreamInterruptedError.isInstance(part.error));
  return error?.type === 'error' && StreamInterruptedError.isInstance(error.error)
    ? error.error.failureKind
    : undefined;
}

describe('a stall that is hidden by noise', () => {
  for (const [name, noise] of noises) {
    test(`is noticed inside text behind ${name} as soon as without`, async () => {
      const clock = createManualClock();
      const { model: one, cancelled } = noisy({ before: opening, noise, every: { clock, ms: 4_000 } });
      const { model, log } = compose({ model: one, clock });
      const result = collect({ model, options: call({ includeRawChunks: true }) });
      await clock.advance(37_500);
      const { parts } = await result;
      expect(textOf(parts)).toBe('so far');
      expect(brokeOffBy(parts)).toBe('timeout');
      expect(parts.at(-1)).toMatchObject({ type: 'finish', finishReason: { unified: 'error' } });
      expect(log.events).toEqual([
        'start 1 one',
        'end 1 one failure timeout',
        'call failure - [1 one failure timeout]',
      ]);
      expect(cancelled.length).toBe(1);
    });
  }

  test('is noticed inside arguments, which may come in large pieces, where it falls back', async () => {
    const clock = createManualClock();
    const before: Part[] = [
      { type: 'stream-start', warnings: [] },
      { type: 'tool-input-start', id: 'c', toolName: 'weather' },
      { type: 'tool-input-delta', id: 'c', delta: '{"city":' },
    ];
    const { model: one } = noisy({ before, noise: { type: 'ping' }, every: { clock, ms: 4_000 } });
    const { model, log } = compose({ model: one, clock });
    const result = collect({ model });
    await clock.advance(290_000);
    expect(log.events).toEqual(['start 1 one']);
    await clock.advance(85_000);
    expect(textOf((await result).parts)).toBe('ok');
    expect(log.events[1]).toBe('end 1 one failure timeout');
  });

  test('is noticed in an answer that is held to be checked', async () => {
    const { isCutByLength } = await import('ai-composite');
    const clock = createManualClock();
    const { model: one } = noisy({
      before: opening,
      noise: { type: 'ping' },
      every: { clock, ms: 4_000 },
    });
    const { model } = compose({ model: one, clock, fallbackWhen: isCutByLength() });
    const result = collect({ model });
    await clock.advance(37_500);
    expect(textOf((await result).parts)).toBe('ok');
  });

  test('is noticed as soon in a text that follows a long thought', async () => {
    const clock = createManualClock();
    const before: Part[] = [
      { type: 'reasoning-start', id: 'r' },
      { type: 'reasoning-delta', id: 'r', delta: 'hm' },
      { type: 'reasoning-end', id: 'r' },
      ...opening.slice(1),
    ];
    const { model: one } = noisy({ before, noise: { type: 'ping' }, every: { clock, ms: 4_000 } });
    const { model } = compose({ model: one, clock });
    const result = collect({ model });
    await clock.advance(37_500);
    expect(brokeOffBy((await result).parts)).toBe('timeout');
  });

  test('is none while a model thinks or runs a tool of its own behind a text, up to the longer limit', async () => {
    const clock = createManualClock();
    const { model: one } = noisy({
      before: [...opening, { type: 'text-end', id: 't' }],
      noise: { type: 'ping' },
      after: [...opening.slice(1), ...closing],
      every: { clock, ms: 10_000 },
      count: 25,
    });
    const { model } = compose({ model: one, clock });
    const result = collect({ model });
    await clock.advance(250_000);
    expect((await result).parts.at(-1)).toMatchObject({ finishReason: { unified: 'stop' } });
  });

  test('is none where content comes between, however much noise there is', async () => {
    const clock = createManualClock();
    const piece: Part = { type: 'text-delta', id: 't', delta: '.' };
    const noise: Part = { type: 'ping' };
    const parts = [
      ...opening,
      ...Array.from({ length: 50 }, () => [...Array.from({ length: 300 }, () => noise), piece]).flat(),
      ...closing,
    ];
    const one = scriptedModel({ id: 'one', turns: [{ parts }] });
    const { model } = compose({ model: one, clock });
    const { parts: delivered } = await collect({ model });
    expect(textOf(delivered)).toBe(`so far${'.'.repeat(50)}`);
    expect(delivered.filter(({ type }) => type === 'ping').length).toBe(15_000);
  });
});

describe('keep-alive signs on the wire after some text', () => {
  for (const client of clients)
    test(`hide no stall, and close the connection: ${client.name}`, async () => {
      const server = await createFaultServer();
      const account = server.account('one');
      const pings = fault.ping({ after: 2, count: 1_000, until: 10 });
      account.script([respond.answer({ text: ['so ', 'far', ' and', ' on'], faults: [pings] })]);
      const model = createComposite({
        tasks: { chat: [client.model(account.baseUrl)] },
        timeout: { chunkMs: 100 },
        pricing: { catalog: false, onWarning: () => {} },
      });
      const { parts } = await collect({ model, options: call({ includeRawChunks: true }) });
      expect(textOf(parts)).toBe('so far');
      expect(brokeOffBy(parts)).toBe('timeout');
      expect(await account.requests[0]?.closed).toBe('closed-by-client');
      await server.close();
    });
});

describe('a flood of noise without end', () => {
  let turns = 0;
  let timer: ReturnType<typeof setInterval>;
  beforeAll(() => {
    timer = setInterval(() => {
      turns += 1;
    }, 1);
  });
  afterAll(() => clearInterval(timer));

  for (const [name, noise] of noises) {
    test(`lets everything else have its turn: firstChunkMs falls back from ${name}`, async () => {
      const clock = createManualClock();
      const { model: one, cancelled } = noisy({ before: opening.slice(0, 1), noise });
      const { model, log } = compose({ model: one, clock, timeout: { firstChunkMs: 1_000 } });
      const result = collect({ model, options: call({ includeRawChunks: true }) });
      await clock.advance(1_000);
      expect(textOf((await result).parts)).toBe('ok');
      // What opens blocks or repeats metadata has to be held, so there is an end to it sooner.
      expect(log.events[1]).toMatch(/end 1 one failure (timeout|malformed-response)/);
      expect(cancelled.length).toBe(1);
    });

    test(`is a stall, or is ended, after output: ${name}`, async () => {
      const clock = createManualClock();
      const { model: one, cancelled } = noisy({ before: opening, noise });
      const { model } = compose({ model: one, clock, timeout: { chunkMs: 1_000 } });
      const { stream } = await model.doStream(call({ includeRawChunks: true }));
      const reader = stream.getReader();
      let last: Part | undefined;
      const read = (async () => {
        for (let next = await reader.read(); !next.done; next = await reader.read()) last = next.value;
      })();
      await clock.advance(1_250);
      await read;
      expect(last).toMatchObject({ type: 'finish', finishReason: { unified: 'error' } });
      expect(cancelled.length).toBe(1);
    });
  }

  test('is ended without any limit, also at the last candidate, flat in memory and with turns for others', async () => {
    const { gc } = globalThis;
    if (gc === undefined) throw new Error('needs --expose-gc');
    const flood = async (before: readonly Part[]) => {
      const clock = createManualClock();
      const { model: one, sent } = noisy({ before, noise: unreadable });
      const { model, log } = compose({
        model: one,
        clock,
        timeout: { chunkMs: Number.POSITIVE_INFINITY, unreadMs: Number.POSITIVE_INFINITY },
      });
      const result = collect({ model: model('alone') });
      while (sent() < 10_000) await settle();
      gc();
      const heap = process.memoryUsage().heapUsed;
      while (sent() < 90_000) await settle();
      gc();
      const grownBytes = process.memoryUsage().heapUsed - heap;
      await result;
      return { grownBytes, events: log.events, timers: clock.pending() };
    };
    turns = 0;
    for (const { grownBytes, events, timers } of await Promise.all([
      flood(opening.slice(0, 1)),
      flood(opening),
    ])) {
      // A kept part or promise is 50 bytes and more.
      expect(grownBytes).toBeLessThan(2_000_000);
      expect(events[1]).toBe('end 1 one failure malformed-response');
      expect(timers).toBe(0);
    }
    expect(turns).toBeGreaterThan(100);
  }, 20_000);

  test('behind the finish keeps nobody from anything', async () => {
    const clock = createManualClock();
    const {
      model: one,
      cancelled,
      sent,
    } = noisy({
      before: [...opening, ...closing],
      noise: { type: 'ping' },
    });
    const { model } = compose({ model: one, clock });
    const { parts } = await collect({ model });
    expect(parts.at(-1)).toMatchObject({ finishReason: { unified: 'stop' } });
    await settle();
    expect(cancelled.length).toBe(1);
    expect(sent()).toBeLessThan(200);
    expect(clock.pending()).toBe(0);
  });
});
