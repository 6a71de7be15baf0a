import { createComposite, type TimeoutSettings } from 'ai-composite';
import { describe, expect, test } from 'vitest';
import { call, collect, textOf } from '../testing/call.ts';
import type { EngineOptions } from './engine-options.ts';
import { createManualClock, type ManualClock } from './manual-clock.ts';
import { down, scriptedModel, type Turn } from './scripted-model.ts';

const adaptive: TimeoutSettings = { firstChunkMs: 'adaptive' };

/** A composite of two, of which the first takes its time, or never answers; the second answers at once. */
function compose({
  id = 'one',
  first: ownTimeout,
  ...settings
}: EngineOptions & { readonly id?: string; readonly first?: TimeoutSettings } = {}) {
  const clock = createManualClock();
  /** How long the next answer takes; undefined for ever. */
  let takesMs: number | undefined = 500;
  const one = scriptedModel({ id, turns: () => turnIn({ clock, takesMs }) });
  const two = scriptedModel({ id: 'two', turns: [{ text: ['second'] }] });
  const ai = createComposite({
    tasks: {
      chat: [
        { model: one, name: 'one', ...(ownTimeout !== undefined && { timeout: ownTimeout }) },
        { model: two, name: 'two' },
      ],
    },
    clock,
    circuitBreaker: false,
    pricing: { catalog: false },
    random: () => 0.5,
    timeout: adaptive,
    ...settings,
  });
  /** One call; answers the text, and how long it took. */
  const ask = async (options = call()) => {
    const startedAtMs = clock.now();
    let endedAtMs: number | undefined;
    const running = collect({ model: ai, options }).then(({ parts, thrown }) => {
      endedAtMs = clock.now();
      return thrown ?? textOf(parts);
    });
    while (endedAtMs === undefined) await clock.advance(100);
    return `${await running} after ${endedAtMs - startedAtMs} ms`;
  };
  const learn = async ({ calls, ms }: { readonly calls: number; readonly ms: number }) => {
    takesMs = ms;
    for (let own = 0; own < calls; own++) await ask();
  };
  const silence = () => {
    takesMs = undefined;
  };
  const limits = async (options = call()) =>
    (await ai.plan(options)).steps.map(({ firstChunk, hedge }) => hedge ?? firstChunk);
  return { ai, clock, ask, learn, silence, limits, one, two };
}

function turnIn({
  clock,
  takesMs,
}: {
  readonly clock: ManualClock;
  readonly takesMs: number | undefined;
}): Turn {
  if (takesMs === undefined) return { silent: true };
  const before = new Promise<void>(resolve => {
    clock.schedule({ delayMs: takesMs, callback: resolve });
  });
  return { text: ['first'], before };
}

const unlearned = { limitMs: 10_000, source: 'fixed', observations: 0 };

describe("firstChunkMs: 'adaptive'", () => {
  test('is the fixed limit until enough was seen, and then what the answers show', async () => {
    const { ask, learn, silence, limits } = compose();
    expect(await limits()).toEqual([unlearned, unlearned]);
    await learn({ calls: 40, ms: 500 });
    silence();
    expect(await ask()).toBe('second after 10000 ms');
    await learn({ calls: 20, ms: 500 });
    expect(await limits()).toEqual([
      { limitMs: 2_000, source: 'observed', observations: 58 },
      { limitMs: 10_000, source: 'fixed', observations: 1 },
    ]);
    silence();
    expect(await ask()).toBe('second after 2000 ms');
  });

  test('waits longer again after a cut, and learns what it finds: a provider that got slower is not cut for ever', async () => {
    const { ask, learn, limits } = compose();
    await learn({ calls: 100, ms: 500 });
    await learn({ calls: 1, ms: 5_000 });
    expect((await limits())[0]).toMatchObject({ limitMs: 10_000, source: 'fixed' });
    await learn({ calls: 1, ms: 5_000 });
    expect((await limits())[0]).toMatchObject({ limitMs: 6_640, source: 'observed' });
    expect(await ask()).toBe('first after 5000 ms');
  });

  test('is learned for itself where the model thinks, and bounded by the limit for that', async () => {
    const { ask, learn, silence, limits } = compose({ id: 'gpt-6-sol' });
    expect((await limits())[0]).toEqual({ ...unlearned, limitMs: 60_000 });
    await learn({ calls: 60, ms: 4_000 });
    silence();
    expect(await ask()).toBe('second after 5120 ms');
  });

  test('keeps requests apart that ask to think, and that are long', async () => {
    const { learn, limits } = compose();
    await learn({ calls: 60, ms: 500 });
    expect((await limits(call({ reasoning: 'high' })))[0]).toEqual({ ...unlearned, limitMs: 60_000 });
    const text = 'word '.repeat(10_000);
    const long = call({ prompt: [{ role: 'user', content: [{ type: 'text', text }] }] });
    expect((await limits(long))[0]).toEqual(unlearned);
  });

  test('gives a stream that begins to think the time that was seen for that', async () => {
    const clock = createManualClock();
    let takesMs = 12_000;
    const thinker = scriptedModel({
      id: 'thinker',
      turns: () => ({
        parts: [
          { type: 'stream-start', warnings: [] },
          { type: 'reasoning-start', id: 'r' },
          { type: 'reasoning-delta', id: 'r', delta: 'hm' },
          {
            type: 'finish',
            usage: {
              inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
              outputTokens: { total: 1, text: 0, reasoning: 1 },
            },
            finishReason: { unified: 'stop', raw: 'stop' },
          },
        ],
        pause: {
          after: 2,
          until: new Promise<void>(resolve => void clock.schedule({ delayMs: takesMs, callback: resolve })),
        },
      }),
    });
    const ai = createComposite({
      tasks: {
        chat: [
          { model: thinker, name: 'thinker' },
          scriptedModel({ id: 'two', turns: [{ text: ['second'] }] }),
        ],
      },
      clock,
      circuitBreaker: false,
      pricing: { catalog: false },
      timeout: adaptive,
    });
    const ask = async () => {
      let answer: string | undefined;
      const startedAtMs = clock.now();
      void collect({ model: ai }).then(({ parts }) => {
        answer = `${parts.some(({ type }) => type === 'reasoning-delta') ? 'thought' : textOf(parts)} after ${clock.now() - startedAtMs} ms`;
      });
      while (answer === undefined) await clock.advance(100);
      return answer;
    };
    for (let own = 0; own < 60; own++) expect(await ask()).toBe('thought after 12000 ms');
    takesMs = 100_000;
    expect(await ask()).toBe('second after 15793 ms');
  });

  test('is never above the number around it, and a number nearer by switches it off', async () => {
    const { ask, silence, limits } = compose({
      timeout: { firstChunkMs: 3_000 },
      first: adaptive,
    });
    expect(await limits()).toEqual([{ ...unlearned, limitMs: 3_000 }, undefined]);
    silence();
    expect(await ask()).toBe('second after 3000 ms');
    const off = compose({ first: { firstChunkMs: 4_000 } });
    expect(await off.limits()).toEqual([undefined, unlearned]);
  });

  test('leaves a composite that is a candidate the time for a fallback of its own', async () => {
    const inner = createComposite([scriptedModel({ id: 'inner', turns: [{ text: ['ok'] }] })]);
    const ai = createComposite([inner, scriptedModel({ id: 'two', turns: [{ text: ['ok'] }] })], {
      timeout: adaptive,
      pricing: { catalog: false },
    });
    const { steps } = await ai.plan(call());
    expect(steps.map(({ firstChunk }) => firstChunk)).toEqual([undefined, unlearned]);
  });

  test('learns nothing from a refusal, and from the last candidate as from others', async () => {
    const { ai, learn, limits } = compose();
    const failing = createComposite([scriptedModel({ id: 'x', turns: [{ error: down }] })], {
      timeout: adaptive,
      attempts: 1,
      pricing: { catalog: false },
    });
    await collect({ model: failing });
    expect((await failing.plan(call())).steps[0]?.firstChunk).toEqual(unlearned);
    await learn({ calls: 1, ms: 500 });
    const pinned = call({ providerOptions: { composite: { candidate: 'two' } } });
    await collect({ model: ai, options: pinned });
    expect((await limits()).map(limit => limit?.observations)).toEqual([1, 1]);
  });

  test('shows in the table of routes', async () => {
    const { ai, learn } = compose();
    await learn({ calls: 60, ms: 500 });
    expect(ai.describe().split('\n').slice(2)).toEqual([
      'chat *  listed  one        scripted  one    2         2 s, adaptive of 58',
      '                two        scripted  two    2         10 s, adaptive of 0',
    ]);
  });
});

describe("hedge: { afterMs: 'adaptive' }", () => {
  test('asks nobody beside a silent candidate until enough was seen, and then after what nineteen of twenty take', async () => {
    const { ask, learn, silence, limits, two } = compose({ hedge: { afterMs: 'adaptive' }, timeout: {} });
    await learn({ calls: 20, ms: 500 });
    silence();
    expect(await ask()).toBe('second after 10000 ms');
    await learn({ calls: 40, ms: 500 });
    expect(two.calls.length).toBe(1);
    expect((await limits())[0]).toEqual({ limitMs: 512, source: 'observed', observations: 58 });
    silence();
    expect(await ask()).toBe('second after 512 ms');
  });

  test('lets a candidate that is only slower answer again, and learns how slow it is', async () => {
    const { ask, learn, limits } = compose({ hedge: { afterMs: 'adaptive' }, timeout: {} });
    await learn({ calls: 100, ms: 500 });
    await learn({ calls: 12, ms: 3_000 });
    expect((await limits())[0]).toMatchObject({ limitMs: 3_159, source: 'observed' });
    expect(await ask()).toBe('first after 3000 ms');
  });

  test('goes by whole answers where they are generated', async () => {
    const { ai, clock, one, two, silence } = compose({ hedge: { afterMs: 'adaptive' }, timeout: {} });
    for (let own = 0; own < 55; own++) {
      const running = ai.doGenerate(call());
      await clock.advance(500);
      await running;
    }
    silence();
    const running = ai.doGenerate(call());
    await clock.advance(511);
    expect([one.calls.length, two.calls.length]).toEqual([56, 0]);
    await clock.advance(1);
    expect((await running).content).toEqual([expect.objectContaining({ type: 'text', text: 'second' })]);
    const { steps } = await ai.plan(call());
    // A plan tells what a stream would do.
    expect(steps[0]?.hedge).toEqual(unlearned);
  });
});
