import { createComposite } from 'ai-composite';
import { describe, expect, test } from 'vitest';
import { createGate } from '../../../src/testing/index.ts';
import type { EngineOptions } from '../../fallback/engine-options.ts';
import { createManualClock } from '../../fallback/manual-clock.ts';
import { down, httpError, scriptedModel, type Turn } from '../../fallback/scripted-model.ts';
import { call, collect, rejection } from '../../testing/call.ts';

const answer: Turn = { text: ['ok'] };
/** A failure that names the key, and so opens at once. */
const badKey = httpError({ statusCode: 401, data: { error: { code: 'invalid_api_key' } } });

type Settings = EngineOptions & { readonly classify?: () => Promise<'chat'> };

/** Two candidates; `fate` says what the first one does at its next request. */
function compose(settings: Settings = {}) {
  const clock = createManualClock();
  const fate: { one: Turn; two: Turn } = { one: answer, two: answer };
  const first = scriptedModel({ id: 'one', turns: () => fate.one });
  const second = scriptedModel({ id: 'two', turns: () => fate.two });
  const model = createComposite({
    tasks: {
      chat: [
        { model: first, name: 'one' },
        { model: second, name: 'two' },
      ],
      alone: [{ model: first, name: 'one' }],
    },
    clock,
    attempts: 1,
    random: () => 1,
    circuitBreaker: { failureThreshold: 3, cooldownMs: 1_000, maxCooldownMs: 4_000 },
    retryBudget: { maxTokens: 10_000 },
    pricing: { catalog: false },
    ...settings,
  });
  /** One call; answers which candidates were asked, in order. */
  const ask = async (): Promise<string> => {
    const before = [first.calls.length, second.calls.length] as const;
    const result = await model.doGenerate(call());
    const served = result.providerMetadata?.composite?.candidate;
    return `${first.calls.length - before[0]}+${second.calls.length - before[1]} ${served}`;
  };
  const stateOfOne = () => model.health().find(({ candidate }) => candidate === 'one');
  return { clock, fate, first, second, model, ask, stateOfOne };
}

describe('a circuit breaker', () => {
  test('opens after failures in a row and changes the order', async () => {
    const { fate, ask, stateOfOne } = compose();
    fate.one = { error: down };
    expect([await ask(), await ask(), await ask()]).toEqual(['1+1 two', '1+1 two', '1+1 two']);
    expect(stateOfOne()).toMatchObject({ state: 'open', consecutiveFailures: 3, lastFailureKind: 'server' });
    expect(await ask()).toBe('0+1 two');
  });

  test('does not open when a success comes between', async () => {
    const { fate, ask, stateOfOne } = compose();
    for (const turn of [{ error: down }, { error: down }, answer, { error: down }, { error: down }]) {
      fate.one = turn;
      await ask();
    }
    expect(stateOfOne()).toMatchObject({ state: 'closed', consecutiveFailures: 2 });
  });

  for (const [name, error] of [
    ['a bad key', badKey],
    ['an empty account', httpError({ statusCode: 429, data: { error: { code: 'insufficient_quota' } } })],
    ['an unknown model', httpError({ statusCode: 404, data: { error: { code: 'model_not_found' } } })],
    ['a long Retry-After', httpError({ statusCode: 429, headers: { 'retry-after': '60' } })],
  ] as const) {
    test(`opens at once on ${name}`, async () => {
      const { fate, ask } = compose();
      fate.one = { error };
      expect([await ask(), await ask()]).toEqual(['1+1 two', '0+1 two']);
    });
  }

  for (const [name, turn] of [
    ['a bad request', { error: httpError({ statusCode: 400 }) }],
    [
      'a conversation that is too long',
      { error: httpError({ statusCode: 400, data: { error: { code: 'context_length_exceeded' } } }) },
    ],
    [
      'an unsupported parameter',
      { error: httpError({ statusCode: 400, data: { error: { code: 'unsupported_parameter' } } }) },
    ],
    ['a refusal', { finish: 'content-filter' }],
  ] as const satisfies ReadonlyArray<readonly [string, Turn]>) {
    test(`never counts ${name}`, async () => {
      const { fate, model, stateOfOne } = compose();
      fate.one = turn;
      for (let index = 0; index < 10; index++) await model.doGenerate(call());
      expect(stateOfOne()).toMatchObject({ state: 'closed', consecutiveFailures: 0 });
    });
  }

  test('never counts an abort, before or after output, or a cancel', async () => {
    const { fate, model, stateOfOne } = compose();
    for (let index = 0; index < 5; index++) {
      fate.one = { silent: true };
      const controller = new AbortController();
      const error = rejection(model.doGenerate(call({ abortSignal: controller.signal })));
      controller.abort(new Error('stop'));
      await error;
      fate.one = { text: ['a', 'b', 'c'] };
      const { stream } = await model.doStream(call());
      const reader = stream.getReader();
      await reader.read();
      await reader.cancel();
    }
    expect(stateOfOne()).toMatchObject({ state: 'closed', consecutiveFailures: 0 });
  });

  test('counts a stream that breaks after its first output', async () => {
    const { fate, model, stateOfOne } = compose();
    fate.one = { text: ['a', 'b'], error: httpError({}), breakAfter: 3 };
    // Of three conversations: one of its own would start at the next candidate.
    for (const text of ['Hi', 'Ho', 'Hey'])
      await collect({
        model,
        options: call({ prompt: [{ role: 'user', content: [{ type: 'text', text }] }] }),
      });
    expect(stateOfOne()).toMatchObject({ state: 'open', lastFailureKind: 'network' });
  });

  test('lets one probe through after the cooldown and closes on its success', async () => {
    const { clock, fate, ask, stateOfOne } = compose();
    fate.one = { error: down };
    for (let index = 0; index < 3; index++) await ask();
    fate.one = answer;
    await clock.advance(999);
    expect(await ask()).toBe('0+1 two');
    await clock.advance(1);
    expect(stateOfOne()?.state).toBe('half-open');
    expect(await ask()).toBe('1+0 one');
    expect(stateOfOne()).toMatchObject({ state: 'closed', consecutiveFailures: 0 });
    expect(stateOfOne()).not.toHaveProperty('openUntilMs');
  });

  test.each<readonly [whose: string, settings: Settings]>([
    ['calls', {}],
    ['calls that are classified', { classify: async () => 'chat' }],
  ])('lets only one of many simultaneous %s probe', async (_whose, settings) => {
    const { clock, fate, first, second, model, ask } = compose(settings);
    fate.one = { error: down };
    for (let index = 0; index < 3; index++) await ask();
    await clock.advance(1_000);
    const gate = createGate();
    fate.one = { ...answer, before: gate.opened };
    const before = [first.calls.length, second.calls.length] as const;
    const calls = Array.from({ length: 50 }, () => model.doGenerate(call()));
    await Promise.all(calls.slice(1));
    gate.open();
    await calls[0];
    expect([first.calls.length - before[0], second.calls.length - before[1]]).toEqual([1, 49]);
  });

  test('does not retry a failed probe, and doubles the cooldown up to its bound', async () => {
    const { clock, fate, ask, stateOfOne } = compose({ attempts: 2, retry: { initialDelayMs: 1 } });
    fate.one = { error: badKey };
    await ask();
    const cooldowns: number[] = [];
    for (let index = 0; index < 5; index++) {
      const cooldownMs = (stateOfOne()?.openUntilMs ?? 0) - clock.now();
      cooldowns.push(cooldownMs);
      await clock.advance(cooldownMs);
      fate.one = { error: down };
      expect(await ask()).toBe('1+1 two');
    }
    expect(cooldowns).toEqual([1_000, 2_000, 4_000, 4_000, 4_000]);
  });

  test('starts again at the first cooldown once it was closed', async () => {
    const { clock, fate, ask, stateOfOne } = compose();
    const unauthorized: Turn = { error: badKey };
    for (const turn of [unauthorized, unauthorized, answer]) {
      fate.one = turn;
      await ask();
      await clock.advance(4_000);
    }
    fate.one = unauthorized;
    await ask();
    expect((stateOfOne()?.openUntilMs ?? 0) - clock.now()).toBe(1_000);
  });

  test('counts one probe where several calls have nobody else to ask', async () => {
    const { clock, fate, model, stateOfOne } = compose();
    const lone = model('alone');
    fate.one = { error: badKey };
    await rejection(lone.doGenerate(call()));
    await clock.advance(1_000);
    fate.one = { error: down };
    await Promise.all([rejection(lone.doGenerate(call())), rejection(lone.doGenerate(call()))]);
    expect((stateOfOne()?.openUntilMs ?? 0) - clock.now()).toBe(2_000);
  });

  test('takes jitter off the cooldown and never adds any', async () => {
    for (const random of [0, 0.5, 0.999]) {
      const { clock, fate, ask, stateOfOne } = compose({ random: () => random });
      fate.one = { error: badKey };
      await ask();
      const cooldownMs = (stateOfOne()?.openUntilMs ?? 0) - clock.now();
      expect(cooldownMs).toBeGreaterThanOrEqual(750);
      expect(cooldownMs).toBeLessThanOrEqual(1_000);
    }
  });

  test('keeps a probe that was aborted half-open for the next call', async () => {
    const { clock, fate, model, ask, stateOfOne } = compose();
    fate.one = { error: badKey };
    await ask();
    await clock.advance(1_000);
    fate.one = { silent: true };
    const controller = new AbortController();
    const error = rejection(model.doGenerate(call({ abortSignal: controller.signal })));
    controller.abort(new Error('stop'));
    await error;
    expect(stateOfOne()?.state).toBe('half-open');
    fate.one = answer;
    expect(await ask()).toBe('1+0 one');
  });

  test('waits as long as Retry-After says, also beyond its bound', async () => {
    const { clock, fate, ask } = compose();
    fate.one = { error: httpError({ statusCode: 429, headers: { 'retry-after': '60' } }) };
    await ask();
    fate.one = answer;
    await clock.advance(59_999);
    expect(await ask()).toBe('0+1 two');
    await clock.advance(1);
    expect(await ask()).toBe('1+0 one');
  });

  test.each<readonly [string, (nowMs: number) => Record<string, string>]>([
    ['a million years', () => ({ 'retry-after': '1e12' })],
    ['milliseconds taken for seconds', () => ({ 'retry-after': '30000' })],
    ['a date in 2100', () => ({ 'retry-after': 'Fri, 01 Jan 2100 00:00:00 GMT' })],
    ['an epoch taken for milliseconds', nowMs => ({ 'retry-after-ms': `${nowMs}` })],
    ['an epoch far away', () => ({ 'retry-after': '4102444800' })],
    ['more than a number holds', () => ({ 'retry-after': '1e308' })],
  ])(
    'is left out for ten minutes at most where Retry-After says %s, then probed',
    async (_name, headersAt) => {
      const { clock, fate, ask, stateOfOne } = compose();
      const openedAtMs = clock.now();
      fate.one = { error: httpError({ statusCode: 429, headers: headersAt(openedAtMs) }) };
      await ask();
      expect(stateOfOne()).toMatchObject({ state: 'open', openUntilMs: openedAtMs + 600_000 });
      await clock.advance(599_999);
      expect(await ask()).toBe('0+1 two');
      await clock.advance(1);
      expect(await ask()).toBe('1+1 two');
      expect(await ask()).toBe('0+1 two');
      fate.one = answer;
      await clock.advance(600_000);
      expect([await ask(), await ask()]).toEqual(['1+0 one', '1+0 one']);
    },
  );

  test('maxRetryAfterMs bounds what Retry-After asks for', async () => {
    const { clock, fate, ask } = compose({ circuitBreaker: { maxRetryAfterMs: 5_000 } });
    fate.one = { error: httpError({ statusCode: 429, headers: { 'retry-after': '3600' } }) };
    await ask();
    fate.one = answer;
    await clock.advance(4_999);
    expect(await ask()).toBe('0+1 two');
    await clock.advance(1);
    expect(await ask()).toBe('1+0 one');
  });

  test('is not held open by a clock that was set back', async () => {
    let setBackMs = 0;
    const manual = createManualClock();
    const { fate, ask, stateOfOne } = compose({ clock: { ...manual, now: () => manual.now() - setBackMs } });
    fate.one = { error: down };
    for (let index = 0; index < 3; index++) await ask();
    expect(await ask()).toBe('0+1 two');
    setBackMs = 3_600_000;
    expect(stateOfOne()).toMatchObject({ state: 'half-open' });
    expect(await ask()).toBe('1+1 two');
    expect(stateOfOne()?.openUntilMs).toBe(manual.now() - setBackMs + 2_000);
    await manual.advance(2_000);
    fate.one = answer;
    expect(await ask()).toBe('1+0 one');
  });

  test('with all open tries them anyway, the soonest to recover first', async () => {
    const { fate, first, second, model } = compose();
    fate.one = { error: httpError({ statusCode: 429, headers: { 'retry-after': '60' } }) };
    fate.two = { error: httpError({ statusCode: 429, headers: { 'retry-after': '30' } }) };
    await rejection(model.doGenerate(call()));
    fate.one = answer;
    fate.two = answer;
    const result = await model.doGenerate(call());
    expect(result.providerMetadata?.composite?.candidate).toBe('two');
    expect([first.calls.length, second.calls.length]).toEqual([1, 2]);
  });

  test('never leaves a lone candidate out', async () => {
    const { fate, first, model } = compose();
    fate.one = { error: down };
    for (let index = 0; index < 5; index++) await rejection(model('alone').doGenerate(call()));
    expect(first.calls.length).toBe(5);
  });

  test('belongs to the model object, not to its name: two accounts of one model are two', async () => {
    const accounts = [
      scriptedModel({ id: 'same', turns: [{ error: badKey }] }),
      scriptedModel({ id: 'same', turns: [answer] }),
    ];
    const model = createComposite({ tasks: { chat: accounts }, pricing: { catalog: false } });
    await model.doGenerate(call());
    expect(model.health().map(({ candidate, state }) => [candidate, state])).toEqual([
      ['scripted/same', 'open'],
      ['scripted/same#2', 'closed'],
    ]);
    await model.doGenerate(call());
    expect(accounts.map(({ calls }) => calls.length)).toEqual([1, 2]);
  });

  test('is shared by every route that lists the model', async () => {
    const { fate, first, model, ask } = compose();
    fate.one = { error: down };
    for (let index = 0; index < 3; index++) await rejection(model('alone').doGenerate(call()));
    expect(await ask()).toBe('0+1 two');
    expect(first.calls.length).toBe(3);
  });

  test('of a composite counts a failure for good of its last candidate only, since it has breakers of its own', async () => {
    const quiet = { attempts: 1, pricing: { catalog: false } } as const;
    const noModel = httpError({ statusCode: 404, data: { error: { code: 'model_not_found' } } });
    const composed = (first: unknown) =>
      createComposite({
        tasks: {
          chat: [
            scriptedModel({ id: 'one', turns: [{ error: first }] }),
            scriptedModel({ id: 'two', turns: [{ error: badKey }] }),
          ],
        },
        ...quiet,
      });
    const stateAfterOne = async (first: unknown) => {
      const outer = createComposite({ tasks: { chat: [composed(first)] }, ...quiet });
      await rejection(outer.doGenerate(call()));
      return outer.health()[0]?.state;
    };
    expect([await stateAfterOne(httpError({ statusCode: 503 })), await stateAfterOne(noModel)]).toEqual([
      'closed',
      'open',
    ]);
  });

  test('starts with a cooldown as long as set, above the default bound', async () => {
    const clock = createManualClock();
    const model = createComposite({
      tasks: { chat: [scriptedModel({ id: 'one', turns: [{ error: badKey }] })] },
      circuitBreaker: { cooldownMs: 60_000 },
      random: () => 1,
      clock,
      pricing: { catalog: false },
    });
    await rejection(model.doGenerate(call()));
    expect((model.health()[0]?.openUntilMs ?? 0) - clock.now()).toBe(60_000);
  });

  test('has no effect inside a running call', async () => {
    const { fate, first, clock, model } = compose({
      attempts: 3,
      circuitBreaker: { failureThreshold: 1, cooldownMs: 60_000, maxCooldownMs: 60_000 },
    });
    fate.one = { error: down };
    const result = model.doGenerate(call());
    await clock.advance(30_000);
    await result;
    expect(first.calls.length).toBe(3);
  });

  test('is not lengthened by calls that started before it opened', async () => {
    const { clock, fate, model, stateOfOne, ask } = compose();
    const gates = Array.from({ length: 4 }, () => createGate());
    const slow = gates.map(({ opened }) => {
      fate.one = { error: down, before: opened };
      return model.doGenerate(call());
    });
    await clock.advance(0);
    fate.one = { error: badKey };
    await ask();
    const openUntilMs = stateOfOne()?.openUntilMs;
    await clock.advance(500);
    for (const gate of gates) gate.open();
    await Promise.all(slow);
    expect(stateOfOne()?.openUntilMs).toBe(openUntilMs);
  });
});
