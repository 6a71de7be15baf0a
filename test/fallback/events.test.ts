import { generateText } from 'ai';
import { createComposite } from 'ai-composite';
import { describe, expect, test } from 'vitest';
import { call, collect, rejection } from '../testing/call.ts';
import type { EngineOptions } from './engine-options.ts';
import { createEventLog } from './event-log.ts';
import { createManualClock, settle } from './manual-clock.ts';
import { down, httpError, type ScriptedModel, scriptedModel, type Turn } from './scripted-model.ts';

const hello: Turn = { text: ['Hel', 'lo'] };

/** A composite of two scripted candidates on a clock of its own, with its events. */
function compose({
  one,
  two = [hello],
  ...settings
}: { readonly one: readonly Turn[]; readonly two?: readonly Turn[] } & EngineOptions) {
  const clock = createManualClock();
  const log = createEventLog();
  const first = scriptedModel({ id: 'one', turns: one });
  const second = scriptedModel({ id: 'two', turns: two });
  const model = createComposite({
    tasks: {
      chat: [
        { model: first, name: 'one' },
        { model: second, name: 'two' },
      ],
    },
    clock,
    random: () => 0,
    pricing: { catalog: false },
    ...log.observers,
    ...settings,
  });
  return { model, first, second, clock, log };
}

/** Reads n parts and leaves the rest. */
async function readSome({
  model,
  count,
  signal,
}: {
  model: ReturnType<typeof compose>['model'];
  count: number;
  signal?: AbortSignal;
}) {
  const { stream } = await model.doStream(call(signal === undefined ? {} : { abortSignal: signal }));
  const reader = stream.getReader();
  for (let index = 0; index < count; index++) await reader.read();
  return reader;
}

const noLoose = ({ first, second }: { first: ScriptedModel; second: ScriptedModel }) => [
  first.calls.length,
  second.calls.length,
];

describe('the events of a call', () => {
  test('one success is one start, one end, one end of the call', async () => {
    const { model, log } = compose({ one: [hello] });
    await model.doGenerate(call());
    expect(log.events).toEqual(['start 1 one', 'end 1 one success', 'call success one [1 one success]']);
  });

  test('a streamed success ends when its last part was delivered, not before', async () => {
    const { model, log } = compose({ one: [hello] });
    const reader = await readSome({ model, count: 4 });
    await settle();
    expect(log.events).toEqual(['start 1 one']);
    while (!(await reader.read()).done);
    expect(log.events).toEqual(['start 1 one', 'end 1 one success', 'call success one [1 one success]']);
  });

  test('a fallback has both attempts, in order', async () => {
    const { model, log } = compose({ one: [{ error: httpError({ statusCode: 401 }) }] });
    const { parts } = await collect({ model });
    expect(parts.at(-1)?.type).toBe('finish');
    expect(log.events).toEqual([
      'start 1 one',
      'end 1 one failure auth 401',
      'start 2 two',
      'end 2 two success',
      'call success two [1 one failure auth, 2 two success]',
    ]);
  });

  test('a retry is an attempt of its own, numbered across the call', async () => {
    const { model, log, clock } = compose({
      one: [{ error: down }, { error: down }],
      two: [{ error: down }, hello],
    });
    const answer = model.doGenerate(call());
    await clock.advance(10_000);
    await answer;
    expect(log.events).toEqual([
      'start 1 one',
      'end 1 one failure server 500',
      'start 2 one',
      'end 2 one failure server 500',
      'start 3 two',
      'end 3 two failure server 500',
      'start 4 two',
      'end 4 two success',
      'call success two [1 one failure server, 2 one failure server, 3 two failure server, 4 two success]',
    ]);
  });

  test('an abort before output ends the attempt as an abort, and nothing more starts', async () => {
    const controller = new AbortController();
    const { model, log, first, second } = compose({ one: [{ silent: true }] });
    const error = rejection(model.doStream(call({ abortSignal: controller.signal })));
    await settle();
    controller.abort(new Error('stop'));
    expect(await error).toMatchObject({ message: 'stop' });
    expect(log.events).toEqual(['start 1 one', 'end 1 one abort', 'call abort - [1 one abort]']);
    expect(noLoose({ first, second })).toEqual([1, 0]);
  });

  test('an abort while waiting for a retry ends the call, and nothing more starts', async () => {
    const controller = new AbortController();
    const { model, log, first, second, clock } = compose({ one: [{ error: down }] });
    const error = rejection(model.doGenerate(call({ abortSignal: controller.signal })));
    await clock.waitForPending(1);
    await settle();
    controller.abort(new Error('stop'));
    expect(await error).toMatchObject({ message: 'stop' });
    await clock.advance(60_000);
    expect(log.events).toEqual([
      'start 1 one',
      'end 1 one failure server 500',
      'call abort - [1 one failure server]',
    ]);
    expect(noLoose({ first, second })).toEqual([1, 0]);
    expect(clock.pending()).toBe(0);
  });

  test('an abort before the call starts nothing', async () => {
    const { model, log, first } = compose({ one: [hello] });
    const reason = new Error('too late');
    expect(await rejection(model.doGenerate(call({ abortSignal: AbortSignal.abort(reason) })))).toBe(reason);
    expect(log.events).toEqual(['call abort - []']);
    expect(first.calls.length).toBe(0);
  });

  test('an abort after output ends the attempt as an abort and errors the stream with the reason', async () => {
    const controller = new AbortController();
    const never = new Promise(() => {});
    const { model, log } = compose({ one: [{ ...hello, pause: { after: 3, until: never } }] });
    const reader = await readSome({ model, count: 4, signal: controller.signal });
    const reason = new Error('stop');
    const pending = rejection(reader.read());
    controller.abort(reason);
    expect(await pending).toBe(reason);
    await settle();
    expect(log.events).toEqual(['start 1 one', 'end 1 one abort', 'call abort - [1 one abort]']);
  });

  test('a consumer that cancels is an abort', async () => {
    const { model, log, first } = compose({ one: [hello] });
    const reader = await readSome({ model, count: 4 });
    await reader.cancel('enough');
    await settle();
    expect(first.cancelled).toEqual(['enough']);
    expect(log.events).toEqual(['start 1 one', 'end 1 one abort', 'call abort - [1 one abort]']);
  });

  test('a stream that breaks after output is a failure of the call', async () => {
    const { model, log, second } = compose({ one: [{ ...hello, error: httpError({}), breakAfter: 3 }] });
    const { parts } = await collect({ model });
    expect(parts.slice(-2).map(({ type }) => type)).toEqual(['error', 'finish']);
    expect(log.events).toEqual([
      'start 1 one',
      'end 1 one failure network',
      'call failure - [1 one failure network]',
    ]);
    expect(second.calls.length).toBe(0);
  });

  test('an exhausted route has every attempt and no candidate', async () => {
    const bad: Turn = { error: httpError({ statusCode: 404 }) };
    const { model, log } = compose({ one: [bad], two: [bad] });
    await rejection(model.doGenerate(call()));
    expect(log.events).toEqual([
      'start 1 one',
      'end 1 one failure not-found 404',
      'start 2 two',
      'end 2 two failure not-found 404',
      'call failure - [1 one failure not-found, 2 two failure not-found]',
    ]);
  });

  test('a silent candidate ends as a timeout, and its late answer is no second end', async () => {
    let answerLate = () => {};
    const late = new Promise<void>(resolve => {
      answerLate = resolve;
    });
    const { model, log, clock } = compose({
      one: [{ ...hello, before: late }],
      timeout: { attemptMs: 1_000 },
    });
    const answer = model.doGenerate(call());
    await clock.advance(1_000);
    await answer;
    answerLate();
    await settle();
    expect(log.events).toEqual([
      'start 1 one',
      'end 1 one failure timeout',
      'start 2 two',
      'end 2 two success',
      'call success two [1 one failure timeout, 2 two success]',
    ]);
  });
});

describe('an observer', () => {
  const observers = {
    'that throws': () => {
      throw new Error('observer');
    },
    'that rejects': () => Promise.reject(new Error('observer')),
    'that never returns': () => new Promise<void>(() => {}),
  };
  for (const [name, observer] of Object.entries(observers)) {
    test(`${name} changes no call, generated or streamed`, async () => {
      const bad: Turn = { error: httpError({ statusCode: 404 }) };
      const all = { onAttemptStart: observer, onAttemptEnd: observer, onCallEnd: observer };
      const { model } = compose({ one: [bad], ...all });
      expect((await generateText({ model, prompt: 'x' })).text).toBe('Hello');
      const { parts, thrown } = await collect({ model });
      expect(thrown).toBeUndefined();
      expect(parts.at(-1)).toMatchObject({ type: 'finish', finishReason: { unified: 'stop' } });
    });
  }
});

describe('what an event says', () => {
  test('times, usage, tags and session', async () => {
    const log = createEventLog();
    const clock = createManualClock();
    let open = () => {};
    const first = scriptedModel({
      id: 'gpt',
      provider: 'acme.chat',
      turns: [
        {
          ...hello,
          before: new Promise<void>(resolve => {
            open = resolve;
          }),
        },
      ],
    });
    const model = createComposite({
      tasks: { chat: [first] },
      clock,
      pricing: { catalog: false },
      ...log.observers,
      generateId: () => 'call-1',
    });
    const startedAtMs = clock.now();
    const answer = model.doGenerate(
      call({ providerOptions: { composite: { tags: { tenant: 'a' }, sessionId: 's' } } }),
    );
    await clock.advance(250);
    open();
    await answer;
    const identity = { callId: 'call-1', task: 'chat' };
    const start = {
      ...identity,
      attemptNumber: 1,
      candidate: 'acme/gpt',
      provider: 'acme.chat',
      modelId: 'gpt',
      startedAtMs,
    };
    expect(log.starts).toEqual([start]);
    expect(log.ends).toMatchObject([
      {
        ...start,
        outcome: 'success',
        durationMs: 250,
        firstChunkMs: 250,
        usage: { outputTokens: { total: 2 } },
      },
    ]);
    expect(log.calls).toMatchObject([
      {
        ...identity,
        outcome: 'success',
        candidate: 'acme/gpt',
        tags: { tenant: 'a' },
        sessionId: 's',
        startedAtMs,
        durationMs: 250,
        attempts: [{ startedAtMs, durationMs: 250, usage: { outputTokens: { total: 2 } } }],
        skipped: [],
      },
    ]);
  });
});
