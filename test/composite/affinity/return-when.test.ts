import { createComposite } from 'ai-composite';
import { describe, expect, test } from 'vitest';
import { createManualClock } from '../../fallback/manual-clock.ts';
import { scriptedModel, usageOf } from '../../fallback/scripted-model.ts';
import { composeRoute, converse, inShort, minuteMs, ok } from './conversation.ts';

type Route = NonNullable<Parameters<typeof composeRoute>[0]>;
type Prices = NonNullable<Route['prices']>;

/** What became of the turn a while after its candidate was down for one turn. */
async function afterOutage(options: Route) {
  const usage = {
    ...usageOf(1_000, 1),
    inputTokens: { total: 1_000, noCache: 0, cacheRead: 1_000, cacheWrite: 0 },
  };
  const route = composeRoute({ turnOf: () => ({ ...ok, usage }), ...options });
  const turn = converse({ ai: route.ai });
  await turn();
  route.out.add('first');
  await turn();
  route.out.clear();
  await route.clock.advance(10 * minuteMs);
  return inShort(turn());
}

const price = (inputTokens: number, cacheReadTokens = inputTokens) => ({
  inputTokens,
  outputTokens: 0,
  cacheReadTokens,
});

describe("returnWhen 'recovered'", () => {
  test.each<readonly [expected: string, why: string, prices: Prices]>([
    ['first returned down', 'no price is known', {}],
    ['first returned down', 'one price is not known', { second: price(10, 0.1) }],
    ['first returned down', 'the one at home is dearer', { first: price(10), second: price(1, 0.1) }],
    ['first returned down', 'both cost the same', { first: price(3, 0.3), second: price(3, 0.3) }],
    ['first returned down', 'both are free', { first: price(0), second: price(0) }],
    ['first returned down', 'there is no cheaper price for the cache', { first: price(1), second: price(2) }],
    [
      'second stayed',
      'reading from the cache saves more than the whole input costs at home',
      { first: price(1), second: price(2, 0.01) },
    ],
    [
      'first returned down',
      'it is cheaper at home, whatever the cache saves',
      { first: price(1), second: price(20, 10) },
    ],
  ])('is %s where %s', async (expected, _why, prices) => {
    expect(await afterOutage({ prices })).toBe(expected);
  });

  test('weighs the cache by what follow-ups were seen to read from it', async () => {
    const prices = { first: price(1), second: price(2, 0.01) };
    const turnOf = () => ({ ...ok, usage: usageOf(1_000, 1) });
    const route = composeRoute({ prices, turnOf });
    const turn = converse({ ai: route.ai });
    route.out.add('first');
    await turn();
    await turn();
    route.out.clear();
    await route.clock.advance(minuteMs);
    // The follow-up has read nothing from the cache.
    expect(await inShort(turn())).toBe('first returned down');
  });

  test('is the default, for a route and for all', async () => {
    for (const affinity of [undefined, true, {}, { returnWhen: 'recovered' }] as const)
      expect(await afterOutage({ options: affinity === undefined ? {} : { affinity } })).toBe(
        'first returned down',
      );
  });
});

describe("returnWhen 'cheaper'", () => {
  const options = { affinity: { returnWhen: 'cheaper' } } as const;

  test.each<readonly [expected: string, why: string, prices: Prices]>([
    ['second stayed', 'no price is known', {}],
    ['second stayed', 'the one at home is dearer', { first: price(10), second: price(1) }],
    ['second stayed', 'the difference may be an error', { first: price(1), second: price(1.05) }],
    ['second stayed', 'the cache is worth more', { first: price(1), second: price(2, 0.01) }],
    [
      'first returned down',
      'it is cheaper by more than the cache is worth',
      { first: price(1), second: price(3, 2) },
    ],
  ])('is %s where %s', async (expected, _why, prices) => {
    expect(await afterOutage({ options, prices })).toBe(expected);
  });

  test('tells what it saves', async () => {
    const route = composeRoute({ options, prices: { first: price(1), second: price(3, 2) } });
    const turn = converse({ ai: route.ai });
    route.out.add('first');
    await turn();
    route.out.clear();
    await route.clock.advance(minuteMs);
    expect((await turn()).affinity).toMatchObject({ decision: 'returned', savedUsd: expect.any(Number) });
  });
});

describe("returnWhen 'never'", () => {
  const options = { affinity: { returnWhen: 'never' } } as const;

  test('stays, whatever it costs', async () => {
    expect(await afterOutage({ options })).toBe('second stayed');
    expect(await afterOutage({ options, prices: { first: price(1), second: price(9) } })).toBe(
      'second stayed',
    );
  });

  test('stays on a fallback without a weight', async () => {
    expect(await afterOutage({ options: { ...options, order: { weights: { first: 1 } } } })).toBe(
      'second stayed',
    );
  });

  test('leaves where it must', async () => {
    const { ai, out } = composeRoute({ options });
    const turn = converse({ ai });
    out.add('first');
    await turn();
    out.clear();
    out.add('second');
    expect(await inShort(turn())).toBe('first left fallback');
  });

  test('of a route holds for that route alone', async () => {
    const clock = createManualClock();
    const out = new Set<string>();
    const model = (id: string) =>
      scriptedModel({ id, turns: () => (out.has(id) ? { error: new Error('down') } : ok) });
    const [a, b] = [model('a'), model('b')];
    const ai = createComposite({
      tasks: { chat: { candidates: [a, b], affinity: { returnWhen: 'never' } }, code: [a, b] },
      attempts: 1,
      clock,
      pricing: { catalog: false, onWarning: () => {} },
    });
    const turns = (['chat', 'code'] as const).map(task => converse({ ai: ai(task) }));
    out.add('a');
    for (const turn of turns) await turn();
    out.clear();
    await clock.advance(minuteMs);
    expect(await Promise.all(turns.map(turn => inShort(turn())))).toEqual([
      'scripted/b stayed',
      'scripted/a returned down',
    ]);
  });
});

describe('the order of a route', () => {
  const random = () => 0;

  test.each<readonly [order: NonNullable<Route['options']>['order'], expected: string]>([
    ['listed', 'first returned down'],
    ['cheapest', 'first returned down'],
    [{ weights: { first: 1, second: 1 } }, 'first returned down'],
    [{ weights: { first: 1 } }, 'first returned down'],
    // Who is fastest or least busy changes by the moment: nobody is at home there.
    ['fastest', 'second stayed'],
    ['least-busy', 'second stayed'],
    // A function decides by itself.
    [() => ['first'], 'first'],
  ])('%o brings a conversation home where it prefers somebody for long', async (order, expected) => {
    expect(await afterOutage({ options: { ...(order && { order }), random } })).toBe(expected);
  });

  test('by weights brings nobody back to one that was not down', async () => {
    const names = ['first', 'second', 'third'];
    const weights = { first: 1, second: 1, third: 1 };
    const route = composeRoute({ names, options: { order: { weights }, random } });
    const turn = converse({ ai: route.ai });
    route.out.add('first');
    expect(await inShort(turn())).toBe('second');
    await route.clock.advance(10 * minuteMs);
    // The first one is still down, and the conversation has no reason to try the third one.
    expect(await inShort(turn())).toBe('second stayed');
    route.out.clear();
    await route.clock.advance(10 * minuteMs);
    expect(await inShort(turn())).toBe('first returned down');
    expect(await inShort(turn())).toBe('first stayed');
  });

  test('does not take a conversation from a fallback while a tool waits for its answer', async () => {
    const { ai } = composeRoute({ options: { order: { weights: { first: 1 } } } });
    const stamp = { composite: { candidate: 'second' } };
    const plan = await ai.plan({
      messages: [
        { role: 'user', content: 'Look' },
        {
          role: 'assistant',
          content: [
            { type: 'tool-call', toolCallId: 'c', toolName: 'look', input: {}, providerOptions: stamp },
          ],
        },
        {
          role: 'tool',
          content: [
            { type: 'tool-result', toolCallId: 'c', toolName: 'look', output: { type: 'text', value: '' } },
          ],
        },
      ],
    });
    expect(plan.affinity?.decision).toBe('stayed');
  });
});

describe('a hedged conversation', () => {
  test('comes back a turn after the one in which another one was faster', async () => {
    const slow = { now: true };
    const { ai, clock } = composeRoute({
      options: { hedge: { afterMs: 1_000 } },
      turnOf: name => (name === 'first' && slow.now ? { silent: true } : ok),
    });
    const turn = converse({ ai });
    const hedged = async () => {
      const running = inShort(turn());
      await clock.advance(1_000);
      return running;
    };
    expect(await hedged()).toBe('second');
    slow.now = false;
    expect(await inShort(turn())).toBe('second stayed');
    expect(await inShort(turn())).toBe('first returned unable');
    slow.now = true;
    expect(await hedged()).toBe('second left fallback');
    slow.now = false;
    for (let waits = 0; waits < 7; waits++) expect(await inShort(turn())).toBe('second stayed');
    expect(await inShort(turn())).toBe('first returned unable');
  });
});
