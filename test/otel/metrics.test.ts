import { type CompositeSettings, classifyWithModel, createComposite } from 'ai-composite';
import { otelObserver } from 'ai-composite/otel';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createGate } from '../../src/testing/index.ts';
import { createManualClock, settle } from '../fallback/manual-clock.ts';
import { down, httpError, scriptedModel, type Turn } from '../fallback/scripted-model.ts';
import { call, collect, rejection } from '../testing/call.ts';
import { registerTelemetry, type Telemetry } from './telemetry.ts';

const price = { inputTokens: 1, outputTokens: 2, cacheReadTokens: 0.1, cacheWriteTokens: 1.25 };
const failing: Turn = { error: down };
const answer: Turn = {
  text: ['Hello.'],
  usage: {
    inputTokens: { total: 100, noCache: 10, cacheRead: 70, cacheWrite: 20 },
    outputTokens: { total: 30, text: undefined, reasoning: 12 },
  },
};

function compose({
  turns = [[failing], [answer]],
  ...settings
}: { readonly turns?: ReadonlyArray<readonly Turn[]> } & Partial<CompositeSettings<'chat'>> = {}) {
  const names = ['primary', 'backup'];
  return createComposite({
    tasks: {
      chat: turns.map((own, index) => ({
        model: scriptedModel({ id: `m${index + 1}`, turns: own }),
        name: names[index] ?? 'more',
        price,
      })),
    },
    pricing: { catalog: false },
    retry: { initialDelayMs: 0.001 },
    ...otelObserver(),
    ...settings,
  });
}

let telemetry: Telemetry;
beforeEach(() => {
  telemetry = registerTelemetry();
});
afterEach(() => telemetry.dispose());

const primary = 'task=chat candidate=primary name=scripted model=m1';
const backup = 'task=chat candidate=backup name=scripted model=m2';

describe('metrics', () => {
  test('count calls, attempts and fallbacks, retries being no fallback', async () => {
    const ai = compose();
    await ai.doGenerate(call());
    await collect({ model: ai });
    expect(await telemetry.metric('composite.calls')).toEqual(['2 task=chat outcome=success']);
    expect(await telemetry.metric('composite.attempts')).toEqual([
      `4 ${primary} outcome=failure type=server`,
      `2 ${backup} outcome=success`,
    ]);
    expect(await telemetry.metric('composite.fallbacks')).toEqual([
      '2 task=chat from=primary candidate=backup type=server',
    ]);
  });

  test('count tokens by kind, which add up, and costs where they are known', async () => {
    const ai = compose({ circuitBreaker: false, attempts: 1 });
    await ai.doGenerate(call());
    await collect({ model: ai });
    expect(await telemetry.metric('composite.tokens')).toEqual([
      `20 ${backup} type=input`,
      `140 ${backup} type=cache_read`,
      `40 ${backup} type=cache_write`,
      `36 ${backup} type=output`,
      `24 ${backup} type=reasoning`,
    ]);
    expect(await telemetry.metric('composite.cost')).toEqual([
      `2x0 ${primary} outcome=failure type=server`,
      `2x${2 * 0.000102} ${backup} outcome=success`,
    ]);
  });

  test('have no cost where none is known', async () => {
    const ai = createComposite([scriptedModel({ id: 'm', turns: [answer] })], {
      pricing: { catalog: false, onWarning: () => {} },
      ...otelObserver(),
    });
    await ai.doGenerate(call());
    expect(await telemetry.metric('composite.attempts')).toHaveLength(1);
    expect(await telemetry.metric('composite.cost')).toEqual([]);
  });

  test('tell how long attempts took, and to their first output, in seconds', async () => {
    const clock = createManualClock();
    const [first, second] = [createGate(), createGate()];
    const slow = { before: first.opened, pause: { after: 3, until: second.opened } };
    const done = collect({ model: compose({ turns: [[{ ...answer, ...slow }]], clock }) });
    await clock.advance(500);
    first.open();
    await clock.advance(1_500);
    second.open();
    await done;
    expect(await telemetry.metric('composite.attempt.time_to_first_chunk')).toEqual([`1x0.5 ${primary}`]);
    expect(await telemetry.metric('composite.attempt.duration')).toEqual([`1x2 ${primary} outcome=success`]);
  });

  test('count aborts and calls that nobody answered as such', async () => {
    const controller = new AbortController();
    const pending = compose({ turns: [[{ silent: true }]] }).doGenerate(
      call({ abortSignal: controller.signal }),
    );
    await settle();
    controller.abort();
    await rejection(pending);
    await rejection(compose({ turns: [[failing]], attempts: 1 }).doGenerate(call()));
    expect(await telemetry.metric('composite.calls')).toEqual([
      '1 task=chat outcome=abort',
      '1 task=chat outcome=failure',
    ]);
    expect(await telemetry.metric('composite.attempts')).toEqual([
      `1 ${primary} outcome=abort`,
      `1 ${primary} outcome=failure type=server`,
    ]);
  });

  test('a hedge is no fallback', async () => {
    const ai = compose({ turns: [[{ silent: true }], [answer]], hedge: { afterMs: 1 } });
    await ai.doGenerate(call());
    expect(await telemetry.metric('composite.attempts')).toHaveLength(2);
    expect(await telemetry.metric('composite.fallbacks')).toEqual([]);
  });

  test('count the cost of a request to a classifying model apart', async () => {
    const classifier = scriptedModel({ id: 'small', turns: [{ text: ['{"result":"chat"}'] }] });
    const ai = createComposite({
      tasks: {
        chat: [{ model: scriptedModel({ id: 'm1', turns: [answer] }), name: 'primary', price }],
        code: [scriptedModel({ id: 'm2', turns: [answer] })],
      },
      pricing: { catalog: false },
      ...otelObserver(),
      classify: classifyWithModel(classifier, { tasks: { chat: 'talk', code: 'programs' } }),
      prices: { 'scripted/small': price },
    });
    await ai.doGenerate(call());
    expect(await telemetry.metric('composite.cost')).toEqual([
      `1x0.000102 ${primary} outcome=success`,
      '1x0.000012 task=chat name=scripted model=small purpose=classification',
    ]);
  });

  test('count tokens and cost of an inner composite once, and those of an unobserved one too', async () => {
    const inner = compose({ attempts: 1 });
    await createComposite([{ model: inner, name: 'team' }], otelObserver()).doGenerate(call());
    const only = (lines: ReadonlyArray<string>) => lines.filter(line => !line.startsWith('1x0 '));
    expect(only(await telemetry.metric('composite.cost'))).toEqual([`1x0.000102 ${backup} outcome=success`]);
    expect(await telemetry.metric('composite.tokens')).toHaveLength(5);
    expect(await telemetry.metric('composite.attempts')).toEqual([
      `1 ${primary} outcome=failure type=server`,
      `1 ${backup} outcome=success`,
      '1 task=default candidate=team name=composite model=chat outcome=success',
    ]);

    const unobserved = compose({ attempts: 1, onCallStart: undefined });
    await createComposite([{ model: unobserved, name: 'others' }], otelObserver()).doGenerate(call());
    expect(await telemetry.metric('composite.cost')).toContain(
      '1x0.000102 task=default candidate=others name=composite model=chat outcome=success',
    );
  });
});

describe('the state of circuit breakers', () => {
  const breakers = () => telemetry.metric('composite.circuit_breaker.state');

  test('is 0 closed, 1 half-open, 2 open, as it is when it is collected', async () => {
    let nowMs = 0;
    const auth = httpError({ statusCode: 401, data: { error: { code: 'invalid_api_key' } } });
    const ai = compose({
      turns: [[{ error: auth }], [answer]],
      clock: { now: () => nowMs, schedule: () => () => {} },
      circuitBreaker: { cooldownMs: 5_000, failureThreshold: 1 },
      random: () => 0,
    });
    expect(await breakers()).toEqual(['0 candidate=primary', '0 candidate=backup']);
    await ai.doGenerate(call());
    expect(await breakers()).toEqual(['2 candidate=primary', '0 candidate=backup']);
    nowMs = 60_000;
    expect(await breakers()).toEqual(['1 candidate=primary', '0 candidate=backup']);
    ai.reset();
    expect(await breakers()).toEqual(['0 candidate=primary', '0 candidate=backup']);
  });

  test('is shown of every composite that an observer sees, as long as it lives', async () => {
    const observer = otelObserver();
    const compositeOf = (name: string) =>
      createComposite([{ model: scriptedModel({ id: name, turns: [] }), name }], observer);
    const kept = [compositeOf('one'), compositeOf('two')];
    compositeOf('dropped');
    await new Promise(resolve => setImmediate(resolve));
    globalThis.gc?.();
    // A collector goes on telling what it was once told, so it is asked for the first time here.
    expect(await breakers()).toEqual(['0 candidate=one', '0 candidate=two']);
    expect(kept.length).toBe(2);
  });
});
