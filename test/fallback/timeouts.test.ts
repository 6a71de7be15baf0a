import type { LanguageModelV4StreamPart } from '@ai-sdk/provider';
import {
  AttemptTimeoutError,
  type CandidateSettings,
  createComposite,
  RouteExhaustedError,
  StreamInterruptedError,
  type TimeoutSettings,
} from 'ai-composite';
import { describe, expect, test } from 'vitest';
import { createGate } from '../../src/testing/index.ts';
import { call, collect, rejection, textOf } from '../testing/call.ts';
import type { EngineOptions } from './engine-options.ts';
import { createEventLog } from './event-log.ts';
import { createManualClock, settle } from './manual-clock.ts';
import { scriptedModel, type Turn, textParts } from './scripted-model.ts';

const answer: Turn = { text: ['ok'] };
const never = new Promise(() => {});

function compose({
  one,
  two = [answer],
  first: firstTimeout,
  ...settings
}: {
  readonly one: readonly Turn[];
  readonly two?: readonly Turn[];
  readonly first?: TimeoutSettings;
} & EngineOptions) {
  const clock = createManualClock();
  const log = createEventLog();
  const first = scriptedModel({ id: 'one', turns: one });
  const second = scriptedModel({ id: 'two', turns: two });
  const model = createComposite({
    tasks: {
      chat: [
        { model: first, name: 'one', ...(firstTimeout && { timeout: firstTimeout }) },
        { model: second, name: 'two' },
      ],
      alone: [{ model: first, name: 'one', ...(firstTimeout && { timeout: firstTimeout }) }],
    },
    clock,
    pricing: { catalog: false },
    ...log.observers,
    ...settings,
  });
  return { model, first, second, clock, log };
}

describe('firstChunkMs', () => {
  test('covers the wait for headers', async () => {
    const { model, clock, first, second } = compose({
      one: [{ silent: true }],
      timeout: { firstChunkMs: 1_000 },
    });
    const result = collect({ model });
    await clock.advance(999);
    expect([first.calls.length, second.calls.length]).toEqual([1, 0]);
    await clock.advance(1);
    expect(textOf((await result).parts)).toBe('ok');
    expect(first.calls.length).toBe(1);
    expect(AttemptTimeoutError.isInstance(first.aborted[0])).toBe(true);
    expect(clock.pending()).toBe(0);
  });

  test('runs on behind a preamble', async () => {
    const { model, clock, second } = compose({
      one: [{ text: ['late'], pause: { after: 2, until: never } }],
      timeout: { firstChunkMs: 1_000 },
    });
    const result = collect({ model });
    await clock.advance(1_000);
    expect(textOf((await result).parts)).toBe('ok');
    expect(second.calls.length).toBe(1);
  });

  test('moves on from a provider that ignores its signal', async () => {
    const { model, clock } = compose({ one: [{ deaf: true }], timeout: { firstChunkMs: 1_000 } });
    const result = collect({ model });
    await clock.advance(1_000);
    expect(textOf((await result).parts)).toBe('ok');
  });

  test('closes the stream of a provider that opens it after it was given up', async () => {
    const gate = createGate();
    const late = scriptedModel({ id: 'late', turns: [{ text: ['late'] }] });
    const ignoring = {
      ...late,
      doStream: async (options: Parameters<typeof late.doStream>[0]) => {
        await gate.opened;
        return late.doStream(options);
      },
    };
    const clock = createManualClock();
    const model = createComposite({
      tasks: { chat: [ignoring, scriptedModel({ id: 'two', turns: [answer] })] },
      clock,
      timeout: { firstChunkMs: 1_000 },
      pricing: { catalog: false },
    });
    const result = collect({ model });
    await clock.advance(1_000);
    expect(textOf((await result).parts)).toBe('ok');
    gate.open();
    await settle();
    expect(late.cancelled.length).toBe(1);
    expect(late.pulled()).toBe(0);
  });

  test('does not cut the last candidate left', async () => {
    let open = () => {};
    const gate = new Promise<void>(resolve => {
      open = resolve;
    });
    const { model, clock } = compose({
      one: [{ silent: true }],
      two: [{ text: ['slow'], before: gate }],
      timeout: { firstChunkMs: 1_000 },
    });
    const result = collect({ model });
    await clock.advance(3_600_000);
    open();
    expect(textOf((await result).parts)).toBe('slow');
  });

  test('stops at the first output', async () => {
    let open = () => {};
    const gate = new Promise<void>(resolve => {
      open = resolve;
    });
    const { model, clock } = compose({
      one: [{ text: ['a', 'b'], pause: { after: 3, until: gate } }],
      timeout: { firstChunkMs: 1_000, chunkMs: 1_000_000 },
    });
    const result = collect({ model });
    await clock.advance(10_000);
    open();
    expect(textOf((await result).parts)).toBe('ab');
  });

  test('of a candidate wins over that of the route', async () => {
    const { model, clock, second } = compose({
      one: [{ silent: true }],
      first: { firstChunkMs: 10 },
      timeout: { firstChunkMs: 100_000 },
    });
    const result = collect({ model });
    await clock.advance(10);
    await result;
    expect(second.calls.length).toBe(1);
  });

  test('counts tool arguments on their way as progress', async () => {
    let open = () => {};
    const gate = new Promise<void>(resolve => {
      open = resolve;
    });
    const { model, clock, second } = compose({
      one: [
        {
          parts: [
            { type: 'stream-start', warnings: [] },
            { type: 'tool-input-start', id: 'c', toolName: 'weather' },
            { type: 'tool-input-delta', id: 'c', delta: '{"city":' },
            { type: 'tool-input-delta', id: 'c', delta: '"Bern"}' },
            { type: 'tool-input-end', id: 'c' },
            { type: 'tool-call', toolCallId: 'c', toolName: 'weather', input: '{"city":"Bern"}' },
            ...textParts({ text: [], finish: 'tool-calls' }).slice(-1),
          ],
          pause: { after: 3, until: gate },
        },
      ],
      timeout: { firstChunkMs: 1_000, chunkMs: 100_000 },
    });
    const result = collect({ model });
    await clock.advance(5_000);
    open();
    expect((await result).parts.map(({ type }) => type)).toContain('tool-call');
    expect(second.calls.length).toBe(0);
  });
});

describe('chunkMs', () => {
  test('turns a stall after output into a visible error and closes the provider', async () => {
    const { model, clock, first, second } = compose({
      one: [{ text: ['a', 'b', 'c'], pause: { after: 4, until: never } }],
      timeout: { chunkMs: 1_000 },
    });
    const result = collect({ model });
    await clock.advance(1_250);
    const { parts } = await result;
    expect(textOf(parts)).toBe('ab');
    const error = parts.find(part => part.type === 'error')?.error;
    expect(StreamInterruptedError.isInstance(error) && error.failureKind).toBe('timeout');
    expect(parts.at(-1)).toMatchObject({ type: 'finish', finishReason: { unified: 'error' } });
    expect(second.calls.length).toBe(0);
    expect(first.aborted.length).toBe(1);
    expect(clock.pending()).toBe(0);
  });

  test('does not run while nobody reads', async () => {
    const { model, clock } = compose({
      one: [{ text: ['a', 'b', 'c'] }],
      timeout: { chunkMs: 1_000, unreadMs: Number.POSITIVE_INFINITY },
    });
    const { stream } = await model.doStream(call());
    const reader = stream.getReader();
    const parts = [];
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      parts.push(next.value);
      // A consumer that takes an hour over every part.
      await clock.advance(3_600_000);
    }
    expect(textOf(parts)).toBe('abc');
    expect(parts.at(-1)).toMatchObject({ type: 'finish', finishReason: { unified: 'stop' } });
  });

  test('does not hold for a stream that keeps moving', async () => {
    const gates = Array.from({ length: 5 }, () => createGate());
    const first = scriptedModel({ id: 'one', turns: [] });
    let index = 0;
    const parts = textParts({ text: ['a', 'b', 'c'] });
    const moving = {
      ...first,
      doStream: async () => ({
        stream: new ReadableStream({
          pull: async controller => {
            if (index >= 3 && index < 3 + gates.length) await gates[index - 3]?.opened;
            const part = parts[index++];
            if (part === undefined) controller.close();
            else controller.enqueue(part);
          },
        }),
      }),
    };
    const clock = createManualClock();
    const model = createComposite({
      tasks: { chat: [moving] },
      clock,
      pricing: { catalog: false },
      timeout: { chunkMs: 1_000 },
    });
    const result = collect({ model });
    for (const gate of gates) {
      await clock.advance(900);
      gate.open();
      await settle();
    }
    expect(textOf((await result).parts)).toBe('abc');
  });

  test('falls back from a stall inside tool arguments', async () => {
    const { model, clock, second } = compose({
      one: [
        {
          parts: [
            { type: 'stream-start', warnings: [] },
            { type: 'tool-input-start', id: 'c', toolName: 'weather' },
            { type: 'tool-input-delta', id: 'c', delta: '{"city":' },
            { type: 'tool-input-delta', id: 'c', delta: '"Bern"}' },
          ],
          pause: { after: 3, until: never },
        },
      ],
      timeout: { chunkMs: 1_000 },
    });
    const result = collect({ model });
    await clock.advance(1_250);
    const { parts } = await result;
    expect(parts.map(({ type }) => type)).not.toContain('tool-input-start');
    expect(textOf(parts)).toBe('ok');
    expect(second.calls.length).toBe(1);
  });
});

describe('attemptMs', () => {
  test('cuts a generated attempt and falls back without a retry', async () => {
    const { model, clock, log } = compose({ one: [{ silent: true }], timeout: { attemptMs: 1_000 } });
    const result = model.doGenerate(call());
    await clock.advance(1_000);
    expect((await result).content).toMatchObject([{ type: 'text', text: 'ok' }]);
    expect(log.events.slice(0, 3)).toEqual(['start 1 one', 'end 1 one failure timeout', 'start 2 two']);
  });

  test('does not cut a stream that is being delivered', async () => {
    const gate = createGate();
    const { model, clock } = compose({
      one: [{ text: ['a', 'b'], pause: { after: 3, until: gate.opened } }],
      timeout: { attemptMs: 1_000 },
    });
    const result = collect({ model });
    await clock.advance(20_000);
    gate.open();
    expect(textOf((await result).parts)).toBe('ab');
  });

  test('does not cut the last candidate', async () => {
    const gate = createGate();
    const { model, clock } = compose({
      one: [{ ...answer, before: gate.opened }],
      timeout: { attemptMs: 1_000 },
    });
    const result = model('alone').doGenerate(call());
    await clock.advance(3_600_000);
    gate.open();
    expect((await result).content).toMatchObject([{ text: 'ok' }]);
  });
});

describe('totalMs', () => {
  test('cuts also the last candidate', async () => {
    const { model, clock, first } = compose({ one: [{ silent: true }], timeout: { totalMs: 5_000 } });
    const error = rejection(model('alone').doGenerate(call()));
    await clock.advance(5_000);
    const thrown = await error;
    if (!RouteExhaustedError.isInstance(thrown)) throw thrown;
    expect(thrown.message).toContain('totalMs of 5000 ms ran out');
    expect(thrown.attempts.map(({ failureKind }) => failureKind)).toEqual(['timeout']);
    expect(first.aborted.length).toBe(1);
    expect(clock.pending()).toBe(0);
  });

  test('counts from when the caller came: finding the task takes of it', async () => {
    const clock = createManualClock();
    const ends: unknown[] = [];
    const silent = scriptedModel({ id: 'one', turns: [{ silent: true }] });
    const model = createComposite({
      tasks: { chat: [silent], other: [silent] },
      classify: () =>
        new Promise<'chat'>(resolve => {
          clock.schedule({ delayMs: 2_000, callback: () => resolve('chat') });
        }),
      timeout: { totalMs: 5_000 },
      clock,
      pricing: { catalog: false },
      onCallEnd: ({ outcome, durationMs }) => void ends.push([outcome, durationMs]),
    });
    const error = rejection(model.doGenerate(call()));
    await clock.advance(2_000);
    await clock.advance(3_000);
    expect(RouteExhaustedError.isInstance(await error)).toBe(true);
    expect(ends).toEqual([['failure', 5_000]]);
  });

  test('is one limit for all attempts together, and nothing starts behind it', async () => {
    const { model, clock, second } = compose({
      one: [{ silent: true }],
      two: [{ silent: true }],
      timeout: { totalMs: 5_000, attemptMs: 3_000 },
    });
    const startedAtMs = clock.now();
    let endedAtMs = 0;
    const error = rejection(model.doGenerate(call())).then(thrown => {
      endedAtMs = clock.now();
      return thrown;
    });
    await clock.advance(60_000);
    expect(RouteExhaustedError.isInstance(await error)).toBe(true);
    expect(endedAtMs - startedAtMs).toBe(5_000);
    expect(second.calls.length).toBe(1);
  });

  test('does not wait for a retry that would come too late', async () => {
    const { httpError } = await import('./scripted-model.ts');
    const { model, clock, first, second } = compose({
      one: [{ error: httpError({ statusCode: 429, headers: { 'retry-after': '2' } }) }, answer],
      timeout: { totalMs: 1_500 },
    });
    const result = model.doGenerate(call());
    await clock.advance(1_000);
    expect((await result).content).toMatchObject([{ text: 'ok' }]);
    expect([first.calls.length, second.calls.length]).toEqual([1, 1]);
  });

  test('ends a stream under way with a visible error', async () => {
    const { model, clock } = compose({
      one: [{ text: ['a', 'b'], pause: { after: 3, until: never } }],
      timeout: { totalMs: 5_000, chunkMs: Number.POSITIVE_INFINITY },
    });
    const result = collect({ model: model('alone') });
    await clock.advance(5_000);
    const { parts } = await result;
    expect(parts.slice(-2).map(({ type }) => type)).toEqual(['error', 'finish']);
    expect(clock.pending()).toBe(0);
  });

  test('of a candidate holds for all its attempts together', async () => {
    const { model, clock, log } = compose({ one: [{ silent: true }], first: { totalMs: 2_000 } });
    const result = model.doGenerate(call());
    await clock.advance(2_000);
    expect((await result).content).toMatchObject([{ text: 'ok' }]);
    expect(log.events.slice(0, 2)).toEqual(['start 1 one', 'end 1 one failure timeout']);
  });

  test('a number is totalMs', async () => {
    const { model, clock } = compose({ one: [{ silent: true }], timeout: 700 });
    const error = rejection(model('alone').doGenerate(call()));
    await clock.advance(700);
    expect(RouteExhaustedError.isInstance(await error)).toBe(true);
  });
});

describe('the default of firstChunkMs', () => {
  const preamble = textParts({ text: [] }).slice(0, 1);
  /** When a silent first candidate is given up, in milliseconds. */
  async function givenUpAfter({
    id = 'gpt-4.1',
    turn = { silent: true },
    options,
    candidate,
    ...settings
  }: {
    readonly id?: string;
    readonly turn?: Turn;
    readonly options?: Parameters<typeof call>[0];
    readonly candidate?: Omit<CandidateSettings, 'model'>;
  } & EngineOptions): Promise<number> {
    const clock = createManualClock();
    const startedAtMs = clock.now();
    let secondAtMs = 0;
    const second = scriptedModel({
      id: 'two',
      turns: () => {
        secondAtMs = clock.now();
        return answer;
      },
    });
    const model = createComposite({
      tasks: { chat: [{ model: scriptedModel({ id, turns: [turn] }), ...candidate }, second] },
      clock,
      pricing: { catalog: false, onWarning: () => {} },
      ...settings,
    });
    const result = collect({ model, options: call(options) });
    await clock.advance(120_000);
    expect(textOf((await result).parts)).toBe('ok');
    expect(clock.pending()).toBe(0);
    return secondAtMs - startedAtMs;
  }

  test('is 10 s, so that a late first token is answered by somebody else within 15 s', async () => {
    expect(await givenUpAfter({})).toBe(10_000);
    expect(await givenUpAfter({ turn: { parts: preamble, pause: { after: 1, until: never } } })).toBe(10_000);
  });

  test.each(['gpt-6-sol', 'o3', 'openai/gpt-5-mini', 'gemini-3.8-flash', 'grok-4', 'claude-opus-5-5'])(
    'is 60 s for %s, which is known to think first',
    async id => {
      expect(await givenUpAfter({ id })).toBe(60_000);
    },
  );

  test.each<readonly [what: string, options: Parameters<typeof call>[0]]>([
    ['reasoning', { reasoning: 'high' }],
    ['anthropic thinking', { providerOptions: { anthropic: { thinking: { type: 'adaptive' } } } }],
    ['google thinking', { providerOptions: { google: { thinkingConfig: { thinkingBudget: 1_024 } } } }],
    ['a reasoning effort', { providerOptions: { groq: { reasoningEffort: 'low' } } }],
    ['thinking by a switch', { providerOptions: { alibaba: { enableThinking: true } } }],
  ])('is 60 s where the call asks for %s', async (_what, options) => {
    expect(await givenUpAfter({ options })).toBe(60_000);
  });

  test.each<readonly [what: string, options: Parameters<typeof call>[0]]>([
    ['reasoning none', { reasoning: 'none' }],
    ['the reasoning of the provider', { reasoning: 'provider-default' }],
    ['thinking disabled', { providerOptions: { anthropic: { thinking: { type: 'disabled' } } } }],
    ['no budget', { providerOptions: { google: { thinkingConfig: { thinkingBudget: 0 } } } }],
    ['no effort', { providerOptions: { groq: { reasoningEffort: 'none' } } }],
    ['other things', { providerOptions: { groq: { structuredOutputs: true }, composite: { task: 'chat' } } }],
  ])('is 10 s where the call asks for %s', async (_what, options) => {
    expect(await givenUpAfter({ options })).toBe(10_000);
  });

  test('is 60 s where the candidate asks for it', async () => {
    expect(await givenUpAfter({ candidate: { settings: { reasoning: 'low' } } })).toBe(60_000);
  });

  test('is 60 s once a stream has begun to think, or named a model that does', async () => {
    const parts = (part: LanguageModelV4StreamPart): Turn => ({
      parts: [...preamble, part],
      pause: { after: 2, until: never },
    });
    expect(await givenUpAfter({ turn: parts({ type: 'reasoning-start', id: 'r' }) })).toBe(60_000);
    const named = parts({ type: 'response-metadata', modelId: 'gpt-6-sol-2026-10-01' });
    expect(await givenUpAfter({ id: 'my-deployment', turn: named })).toBe(60_000);
  });

  test('leaves a candidate that is a composite the time for a fallback of its own', async () => {
    const clock = createManualClock();
    const quiet = { clock, pricing: { catalog: false, onWarning: () => {} } } as const;
    const inner = createComposite({
      tasks: {
        chat: [
          scriptedModel({ id: 'gpt-4.1', turns: [{ silent: true }] }),
          scriptedModel({ id: 'gpt-4o', turns: [{ text: ['inner'] }] }),
        ],
      },
      ...quiet,
    });
    const outer = createComposite({
      tasks: { chat: [inner, scriptedModel({ id: 'two', turns: [answer] })] },
      ...quiet,
    });
    const result = collect({ model: outer });
    await clock.advance(10_000);
    expect(textOf((await result).parts)).toBe('inner');
  });

  test('does not touch a limit that was set', async () => {
    for (const id of ['gpt-4.1', 'gpt-6-sol'])
      expect(
        await givenUpAfter({ id, timeout: { firstChunkMs: 25_000 }, options: { reasoning: 'high' } }),
      ).toBe(25_000);
  });
});

describe('defaults', () => {
  test('never kill a slow reasoning model that has nobody behind it', async () => {
    const gate = createGate();
    const { model, clock } = compose({ one: [{ text: ['thought'], before: gate.opened }] });
    const generated = model('alone').doGenerate(call());
    const streamed = collect({ model: model('alone') });
    await clock.advance(24 * 3_600_000);
    gate.open();
    expect((await generated).content).toMatchObject([{ text: 'thought' }]);
    expect(textOf((await streamed).parts)).toBe('thought');
  });
});
