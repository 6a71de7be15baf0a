import { generateText, type ModelMessage } from 'ai';
import { compositeMetadata, memoryState, type StateStore } from 'ai-composite';
import { describe, expect, test } from 'vitest';
import { stampOf } from '../../../src/fallback/history/stamp.ts';
import { createManualClock, settle } from '../../fallback/manual-clock.ts';
import type { Turn } from '../../fallback/scripted-model.ts';
import { remoteStore } from '../../state/remote-store.ts';
import { call } from '../../testing/call.ts';
import { composeRoute, converse, inShort, minuteMs, ok } from './conversation.ts';

/** A route whose first candidate can be made to wait before it answers. */
function gatedRoute(options: Pick<NonNullable<Parameters<typeof composeRoute>[0]>, 'state' | 'clock'> = {}) {
  const waiting: Array<() => void> = [];
  const gate = {
    isOpen: true,
    open: () => {
      gate.isOpen = true;
      for (const go of waiting.splice(0)) go();
    },
  };
  const turnOf = (name: string): Turn =>
    name !== 'first' || gate.isOpen ? ok : { ...ok, before: new Promise<void>(go => waiting.push(go)) };
  return { ...composeRoute({ ...options, turnOf }), gate };
}

type Route = ReturnType<typeof gatedRoute>;

/** A conversation that has left the first candidate of its route. */
async function leave({ ai, out }: Route) {
  const turn = converse({ ai });
  out.add('first');
  await turn();
  out.clear();
  return () => inShort(turn());
}

describe('conversations that may come back', () => {
  test('do so one at a time, until one of them was answered', async () => {
    const route = gatedRoute();
    const [one, two, three] = [await leave(route), await leave(route), await leave(route)];
    await route.clock.advance(minuteMs);
    route.gate.isOpen = false;
    const first = one();
    await settle();
    expect([await two(), await three()]).toEqual(['second stayed', 'second stayed']);
    route.gate.open();
    expect(await first).toBe('first returned down');
    route.gate.isOpen = false;
    const others = [two(), three()];
    await settle();
    route.gate.open();
    expect(await Promise.all(others)).toEqual(['first returned down', 'first returned down']);
  });

  test('all stay where the one that tries finds the candidate down', async () => {
    const route = gatedRoute();
    const [one, two] = [await leave(route), await leave(route)];
    await route.clock.advance(minuteMs);
    route.out.add('first');
    expect(await one()).toBe('second stayed');
    route.out.clear();
    await route.clock.advance(minuteMs);
    expect(await two()).toBe('second stayed');
    await route.clock.advance(minuteMs);
    expect(await two()).toBe('first returned down');
  });

  test('do not wait for one that was aborted', async () => {
    const route = gatedRoute();
    const controller = new AbortController();
    const providerOptions = { composite: { sessionId: 'one' } };
    route.out.add('first');
    await route.ai.doGenerate(call({ providerOptions }));
    const two = await leave(route);
    await route.clock.advance(minuteMs);
    route.gate.isOpen = false;
    const aborted = route.ai.doGenerate(call({ providerOptions, abortSignal: controller.signal }));
    await settle();
    expect(await two()).toBe('second stayed');
    controller.abort();
    await expect(aborted).rejects.toThrow();
    route.gate.open();
    expect(await two()).toBe('first returned down');
  });

  test('wait for a minute for one that nobody hears of any more', async () => {
    const route = gatedRoute();
    const [one, two] = [await leave(route), await leave(route)];
    await route.clock.advance(minuteMs);
    route.gate.isOpen = false;
    void one();
    await settle();
    await route.clock.advance(minuteMs - 1);
    expect(await two()).toBe('second stayed');
    await route.clock.advance(1);
    route.gate.isOpen = true;
    expect(await two()).toBe('first returned down');
  });
});

describe.each(['in memory', 'far away'] as const)('processes that share a state %s', where => {
  const open = () => {
    const clock = createManualClock();
    const near = memoryState({ clock });
    const state: StateStore = where === 'in memory' ? near : remoteStore(near);
    return { clock, state };
  };

  test('bring conversations back one at a time, until one of them was answered', async () => {
    const shared = open();
    const [here, there] = [gatedRoute(shared), gatedRoute(shared)];
    const [one, two] = [await leave(here), await leave(there)];
    await lookedAt([here, there]);
    await here.clock.advance(minuteMs);
    here.gate.isOpen = false;
    const first = one();
    await settle();
    await settle();
    expect(await two()).toBe('second stayed');
    here.gate.open();
    expect(await first).toBe('first returned down');
    // What was seen to be others' is theirs until it is asked for again.
    await lookedAt([here, there]);
    expect(await two()).toBe('first returned down');
  });

  test('end the wait for one of them that is gone, after a minute', async () => {
    const shared = open();
    const [here, there] = [gatedRoute(shared), gatedRoute(shared)];
    const [one, two] = [await leave(here), await leave(there)];
    await lookedAt([here, there]);
    await here.clock.advance(minuteMs);
    here.gate.isOpen = false;
    void one();
    await settle();
    await settle();
    expect(await two()).toBe('second stayed');
    await here.clock.advance(minuteMs / 2);
    expect(await two()).toBe('second stayed');
    await here.clock.advance(minuteMs / 2);
    expect(await two()).toBe('first returned down');
  });

  test('know of a session why it is where it is', async () => {
    const shared = open();
    const [here, there] = [composeRoute(shared), composeRoute(shared)];
    const ask = async ({ ai }: typeof here) => {
      const { providerMetadata } = await ai.doGenerate(
        call({ providerOptions: { composite: { sessionId: 's' } } }),
      );
      await settle();
      return providerMetadata?.composite?.affinity;
    };
    here.out.add('first');
    await ask(here);
    expect(await ask(there)).toEqual({ candidate: 'second', source: 'session', decision: 'stayed' });
    await here.clock.advance(minuteMs + 2_000);
    expect(await ask(there)).toEqual({
      candidate: 'first',
      source: 'session',
      decision: 'returned',
      from: 'second',
      reason: 'down',
    });
  });
});

test.each(['in memory', 'far away'] as const)(
  'a process that hears late of trouble knows when it was, from a state %s',
  async where => {
    const clock = createManualClock();
    const near = memoryState({ clock });
    const state: StateStore = where === 'in memory' ? near : remoteStore(near);
    const [here, there] = [gatedRoute({ clock, state }), gatedRoute({ clock, state })];
    await there.ai.plan({ prompt: 'Hello' });
    const turn = converse({ ai: here.ai });
    here.out.add('first');
    await turn();
    here.out.clear();
    await settle();
    await clock.advance(minuteMs + 2_000);
    const messages: ModelMessage[] = [
      { role: 'user', content: 'Hello' },
      {
        role: 'assistant',
        content: [
          {
            type: 'text',
            text: 'Hi',
            providerOptions: { composite: { candidate: `${stampOf('second')}d` } },
          },
        ],
      },
      { role: 'user', content: 'And now?' },
    ];
    const served = async ({ ai }: Route) => compositeMetadata(await generateText({ model: ai, messages }));
    // One that looks for the first time in a minute, and one that is new.
    expect((await served(there))?.candidate).toBe('first');
    expect((await served(gatedRoute({ clock, state })))?.candidate).toBe('first');
  },
);

test('a reset brings conversations of other processes back too', async () => {
  const clock = createManualClock();
  const state = memoryState({ clock });
  const [here, there] = [gatedRoute({ clock, state }), gatedRoute({ clock, state })];
  const turn = await leave(there);
  await clock.advance(2_000);
  expect(await turn()).toBe('second stayed');
  here.ai.reset('first');
  expect(await turn()).toBe('first returned down');
});

/** Has processes look at what they share, as any call does, until what one has seen is known to all. */
async function lookedAt(routes: readonly Route[]) {
  for (let look = 0; look < 2; look++) {
    for (const { ai } of routes) await ai.plan({ prompt: 'Hello' });
    await settle();
    await routes[0]?.clock.advance(1_000);
  }
}

test('a store that refuses keeps no conversation away', async () => {
  const clock = createManualClock();
  const state = remoteStore(memoryState({ clock }));
  const route = composeRoute({ clock, state, turnOf: () => ok });
  const turn = converse({ ai: route.ai });
  route.out.add('first');
  await turn();
  route.out.clear();
  await settle();
  await clock.advance(minuteMs + 2_000);
  state.mode = 'refuses';
  expect(await inShort(turn())).toBe('first returned down');
});
