import { createComposite, memoryState, type StateStore } from 'ai-composite';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createManualClock, settle } from '../../fallback/manual-clock.ts';
import { httpError, scriptedModel, type Turn } from '../../fallback/scripted-model.ts';
import { call, collect } from '../../testing/call.ts';
import { remoteStore } from '../remote-store.ts';

const answer: Turn = { text: ['ok'] };
const badKey = httpError({ statusCode: 401, data: { error: { code: 'invalid_api_key' } } });
const sessionOf = (sessionId: string) => call({ providerOptions: { composite: { sessionId } } });

function compose({
  isObserved = true,
  ...settings
}: {
  readonly isObserved?: boolean;
  readonly state?: StateStore;
} = {}) {
  const clock = createManualClock();
  const near = memoryState({ clock });
  const state = remoteStore(near);
  const fate: { one: Turn } = { one: answer };
  const told: unknown[] = [];
  const start = () => {
    const first = scriptedModel({ id: 'one', turns: () => fate.one });
    const second = scriptedModel({ id: 'two', turns: [answer] });
    const model = createComposite(
      [
        { model: first, name: 'one' },
        { model: second, name: 'two' },
      ],
      {
        clock,
        state,
        attempts: 1,
        random: () => 1,
        circuitBreaker: { cooldownMs: 5_000 },
        pricing: { catalog: false, onWarning: () => undefined },
        ...(isObserved && {
          onStateAway: event => told.push(event),
          onStateBack: event => told.push(event),
        }),
        ...settings,
      },
    );
    return { model, first, second };
  };
  return { clock, near, state, fate, told, start };
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('a state that is away', () => {
  test.each(['refuses', 'silent'] as const)(
    'holds no call up where it %s: they go by what the process knows',
    async mode => {
      const { clock, state, fate, told, start } = compose();
      state.mode = mode;
      const { model, first } = start();
      const startedAtMs = clock.now();
      fate.one = { error: badKey };
      await model.doGenerate(call());
      await settle();
      // Its own breaker works as ever.
      await collect({ model });
      expect(first.calls).toHaveLength(1);
      expect(model.health()[0]?.state).toBe('open');
      expect(clock.now()).toBe(startedAtMs);
      fate.one = answer;
      await clock.advance(6_000);
      const probe = model.doGenerate(call());
      await clock.advance(100);
      await probe;
      expect(first.calls).toHaveLength(2);
      await clock.advance(1_000);
      expect(model.health()[0]?.state).toBe('closed');
      expect(told).toEqual([{ error: expect.any(Error) }]);
    },
  );

  test('is told once, and once that it is back, and catches up by itself', async () => {
    const { clock, near, state, fate, told, start } = compose();
    const here = start();
    const there = start();
    await Promise.all([here.model.doGenerate(call()), there.model.doGenerate(call())]);
    await settle();
    state.mode = 'refuses';
    fate.one = { error: badKey };
    await clock.advance(1_000);
    for (let time = 0; time < 10; time++) {
      await here.model.doGenerate(call());
      await clock.advance(300);
    }
    expect(told).toHaveLength(1);
    expect(near.health(['default/health/one'])[0]?.isOpen).toBe(false);
    state.mode = 'there';
    await clock.advance(2_100);
    await here.model.doGenerate(call());
    await clock.advance(1_100);
    expect(told).toEqual([{ error: expect.any(Error) }, { awayMs: expect.any(Number) }]);
    // What this process found out meanwhile, the others know now.
    expect(near.health(['default/health/one'])[0]?.isOpen).toBe(true);
    await there.model.doGenerate(call());
    expect(there.first.calls).toHaveLength(1);
  });

  test('is told on the console where nobody observes it, without what the client said', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const { state, start } = compose({ isObserved: false });
    state.mode = 'refuses';
    const { model } = start();
    await settle();
    await model.doGenerate(call());
    await settle();
    expect(warn.mock.calls).toEqual([
      [
        'ai-composite: the shared state cannot be reached (Error); this process goes by what it knows until it is back.',
      ],
    ]);
  });

  test('keeps no call waiting for who served a session for more than a moment, and then not at all', async () => {
    const { clock, state, start } = compose();
    const { model } = start();
    await settle();
    state.mode = 'silent';
    let isAnswered = false;
    const first = model.doGenerate(sessionOf('s')).then(() => {
      isAnswered = true;
    });
    await clock.advance(99);
    expect(isAnswered).toBe(false);
    await clock.advance(1);
    await first;
    await clock.advance(1_000);
    await model.doGenerate(sessionOf('other'));
  });

  test('is told nobody where it concerns nobody, as when a program closes its client before it ends', async () => {
    const { clock, state, told, start } = compose();
    const { model } = start();
    await model.doGenerate(call());
    await clock.advance(1_000);
    state.mode = 'refuses';
    await clock.advance(30_000);
    expect(told).toEqual([]);
    await model.doGenerate(call());
    await settle();
    expect(told).toEqual([{ error: expect.any(Error) }]);
  });

  test('leaves nothing behind: when nobody calls, nobody asks', async () => {
    const { clock, state, start } = compose();
    const { model } = start();
    await model.doGenerate(call());
    await clock.advance(59_000);
    const asked = state.asked.length;
    expect(asked).toBeGreaterThan(50);
    await clock.advance(10_000);
    expect(clock.pending()).toBe(0);
    state.asked.length = 0;
    await clock.advance(600_000);
    expect(state.asked).toEqual([]);
    await model.doGenerate(call());
    await settle();
    expect(state.asked).toContain('health');
  });

  test('many composites of one process read it once a second, together', async () => {
    const { clock, state, start } = compose();
    const composites = Array.from({ length: 50 }, () => start());
    await Promise.all(composites.map(({ model }) => model.doGenerate(call())));
    await settle();
    state.asked.length = 0;
    await clock.advance(10_000);
    expect(state.asked.filter(verb => verb === 'health')).toHaveLength(10);
  });
});

test('a store without every verb is refused with the fix', () => {
  const { observe, ...others } = memoryState();
  const model = scriptedModel({ id: 'one', turns: [answer] });
  // @ts-expect-error a verb is missing
  expect(() => createComposite([model], { state: others })).toThrow(
    'Invalid state: must be a store, such as memoryState(), with every verb (got an object with',
  );
  expect(observe).toBeTypeOf('function');
  expect(() => createComposite([model], { namespace: '' })).toThrow('Invalid namespace: must not be empty');
});
