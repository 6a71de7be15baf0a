import { createComposite } from 'ai-composite';
import { describe, expect, test } from 'vitest';
import { createGate } from '../../src/testing/index.ts';
import { call, collect, rejection, textOf } from '../testing/call.ts';
import type { EngineOptions } from './engine-options.ts';
import { createManualClock, settle } from './manual-clock.ts';
import { down, httpError, scriptedModel, type Turn } from './scripted-model.ts';

const never = new Promise(() => {});

/** Two candidates, the first of them open, its cooldown just over. */
async function afterCooldown(settings: EngineOptions = {}) {
  const clock = createManualClock();
  const fate: { one: Turn } = { one: { error: down } };
  const first = scriptedModel({ id: 'one', turns: () => fate.one });
  const model = createComposite({
    tasks: {
      chat: [
        { model: first, name: 'one' },
        { model: scriptedModel({ id: 'two', turns: [{ text: ['two'] }] }), name: 'two' },
      ],
    },
    clock,
    attempts: 1,
    random: () => 1,
    circuitBreaker: { failureThreshold: 3, cooldownMs: 1_000, maxCooldownMs: 4_000 },
    pricing: { catalog: false, onWarning: () => {} },
    ...settings,
  });
  for (let index = 0; index < 3; index++) await model.doGenerate(call());
  await clock.advance(1_000);
  const stateOfOne = () => model.health()[0];
  expect(stateOfOne()?.state).toBe('half-open');
  return { clock, fate, first, model, stateOfOne };
}

describe('the stream of a probe', () => {
  test('proves health with its first output, so that everybody is back while it runs on', async () => {
    const { fate, model, stateOfOne } = await afterCooldown();
    fate.one = { text: ['one', '!'], pause: { after: 3, until: never } };
    await model.doStream(call());
    expect(stateOfOne()).toMatchObject({ state: 'closed', consecutiveFailures: 0 });
    fate.one = { text: ['one'] };
    expect(textOf((await collect({ model })).parts)).toBe('one');
  });

  test('keeps nobody away when its reader leaves without a word', async () => {
    const { fate, model, stateOfOne, clock } = await afterCooldown();
    fate.one = { text: ['one', '!'] };
    const { stream } = await model.doStream(call());
    await stream.getReader().read();
    await clock.advance(24 * 3_600_000);
    expect(stateOfOne()?.state).toBe('closed');
  });

  test('proves health also while it is held to be checked', async () => {
    const { isInvalidOutput } = await import('ai-composite');
    const { fate, model, stateOfOne } = await afterCooldown({ fallbackWhen: isInvalidOutput() });
    fate.one = { text: ['one', '!'], pause: { after: 3, until: never } };
    void model.doStream(call());
    await settle();
    expect(stateOfOne()?.state).toBe('closed');
  });

  test('that breaks after its first output opens it again, for longer', async () => {
    const { fate, model, stateOfOne, clock } = await afterCooldown();
    fate.one = { text: ['one', '!'], error: httpError({}), breakAfter: 3 };
    await collect({ model });
    expect(stateOfOne()).toMatchObject({ state: 'open', openUntilMs: clock.now() + 2_000 });
  });

  test('that breaks after another answer has proven health counts one', async () => {
    const { fate, model, stateOfOne } = await afterCooldown();
    const gate = createGate();
    fate.one = {
      text: ['one', '!'],
      error: httpError({}),
      breakAfter: 3,
      pause: { after: 3, until: gate.opened },
    };
    const probe = collect({ model });
    await settle();
    fate.one = { text: ['ok'] };
    await collect({ model });
    gate.open();
    await probe;
    expect(stateOfOne()).toMatchObject({ state: 'closed', consecutiveFailures: 1 });
  });
});

describe('a probe without output', () => {
  for (const type of ['doGenerate', 'doStream'] as const)
    test(`keeps others away for one longest cooldown at most: ${type}`, async () => {
      const { fate, first, model, clock } = await afterCooldown({ timeout: Number.POSITIVE_INFINITY });
      fate.one = { deaf: true };
      void model[type](call());
      await clock.advance(3_999);
      const before = first.calls.length;
      await model.doGenerate(call());
      expect(first.calls.length).toBe(before);
      await clock.advance(1);
      fate.one = { text: ['one'] };
      expect((await model.doGenerate(call())).content).toMatchObject([{ text: 'one' }]);
      expect(model.health()[0]?.state).toBe('closed');
    });

  test('that fails once another has proven health does not open it', async () => {
    const { fate, model, clock, stateOfOne } = await afterCooldown();
    const gate = createGate();
    fate.one = { error: down, before: gate.opened };
    const late = model.doGenerate(call());
    await clock.advance(4_000);
    fate.one = { text: ['one'] };
    await model.doGenerate(call());
    gate.open();
    await late;
    expect(stateOfOne()).toMatchObject({ state: 'closed', consecutiveFailures: 1 });
  });
});

describe('a stream', () => {
  const open = async (
    unauthorized = httpError({ statusCode: 401, data: { error: { code: 'invalid_api_key' } } }),
  ) => {
    const clock = createManualClock();
    const gate = createGate();
    const fate: { one: Turn } = { one: { text: ['a', 'b'], pause: { after: 1, until: gate.opened } } };
    const first = scriptedModel({ id: 'one', turns: () => fate.one });
    const model = createComposite({
      tasks: {
        chat: [
          { model: first, name: 'one' },
          { model: scriptedModel({ id: 'two', turns: [{ text: ['two'] }] }), name: 'two' },
        ],
      },
      clock,
      attempts: 1,
      pricing: { catalog: false, onWarning: () => {} },
    });
    const old = collect({ model });
    await settle();
    fate.one = { error: unauthorized };
    await collect({ model });
    gate.open();
    return { model, old };
  };

  test('that began before its candidate was opened does not close it', async () => {
    const { model, old } = await open();
    expect(textOf((await old).parts)).toBe('ab');
    expect(model.health()[0]?.state).toBe('open');
  });
});

test('the retries of one call count once: a request that fails everywhere does not open a breaker alone', async () => {
  const clock = createManualClock();
  const broken = scriptedModel({ id: 'one', turns: [{ error: down }] });
  const model = createComposite({
    tasks: { chat: [broken, scriptedModel({ id: 'two', turns: [{ text: ['two'] }] })] },
    clock,
    attempts: 5,
    circuitBreaker: { failureThreshold: 2 },
    pricing: { catalog: false, onWarning: () => {} },
  });
  const ask = async () => {
    const result = model.doGenerate(call());
    await clock.advance(60_000);
    await result;
  };
  await ask();
  expect(model.health()[0]).toMatchObject({ state: 'closed', consecutiveFailures: 1 });
  await ask();
  expect(model.health()[0]).toMatchObject({ consecutiveFailures: 2 });
  expect(model.health()[0]?.state).not.toBe('closed');
});

test('a lone candidate that is probed has all its attempts: nobody else could answer', async () => {
  const clock = createManualClock();
  const lone = scriptedModel({ id: 'one', turns: [{ error: down }] });
  const model = createComposite({
    tasks: { chat: [lone] },
    clock,
    circuitBreaker: { failureThreshold: 1, cooldownMs: 1_000 },
    pricing: { catalog: false, onWarning: () => {} },
  });
  const ask = async () => {
    const error = rejection(model.doGenerate(call()));
    await clock.advance(10_000);
    await error;
  };
  await ask();
  await ask();
  expect(lone.calls.length).toBe(4);
});
