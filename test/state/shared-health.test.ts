import { type CompositeSettings, createComposite, memoryState, type StateStore } from 'ai-composite';
import { describe, expect, test } from 'vitest';
import { createManualClock, type ManualClock, settle } from '../fallback/manual-clock.ts';
import { down, httpError, scriptedModel, type Turn } from '../fallback/scripted-model.ts';
import { call } from '../testing/call.ts';
import { remoteStore } from './remote-store.ts';

const answer: Turn = { text: ['ok'] };
const badKey = httpError({ statusCode: 401, data: { error: { code: 'invalid_api_key' } } });

type World = { readonly clock: ManualClock; readonly fate: { one: Turn; two: Turn } };

/** A process: two candidates of its own, whose fate it shares with the other processes. */
function startProcess({
  world: { clock, fate },
  state,
  healthKey,
  ...settings
}: {
  readonly world: World;
  readonly state?: StateStore;
  readonly healthKey?: string;
} & Partial<CompositeSettings<'chat'>>) {
  const first = scriptedModel({ id: 'one', turns: () => fate.one });
  const second = scriptedModel({ id: 'two', turns: () => fate.two });
  const model = createComposite({
    tasks: {
      chat: [
        { model: first, name: 'one', ...(healthKey !== undefined && { healthKey }) },
        { model: second, name: 'two' },
      ],
    },
    clock,
    attempts: 1,
    random: () => 1,
    circuitBreaker: { failureThreshold: 3, cooldownMs: 5_000, maxCooldownMs: 20_000 },
    retryBudget: { maxTokens: 10_000 },
    pricing: { catalog: false, onWarning: () => undefined },
    ...(state !== undefined && { state }),
    ...settings,
  });
  /** One call; answers how often each candidate was asked. */
  const ask = async (): Promise<string> => {
    const before = [first.calls.length, second.calls.length] as const;
    await model.doGenerate(call());
    return `${first.calls.length - before[0]}+${second.calls.length - before[1]}`;
  };
  const one = () => model.health().find(({ candidate }) => candidate === 'one');
  return { model, first, second, ask, one };
}

function createWorld(): World {
  return { clock: createManualClock(), fate: { one: answer, two: answer } };
}

describe.each(['in memory', 'far away'] as const)('a circuit breaker in a state %s', where => {
  const open = (world: World) => {
    const near = memoryState({ clock: world.clock });
    const state = where === 'in memory' ? near : remoteStore(near);
    return { state, process: (settings: object = {}) => startProcess({ world, state, ...settings }) };
  };
  /** Until everybody has looked again. */
  const look = ({ clock }: World) => clock.advance(1_100);

  test('opens for all processes when it opens in one', async () => {
    const world = createWorld();
    const { process } = open(world);
    const [here, there] = [process(), process()];
    await Promise.all([here.ask(), there.ask()]);
    world.fate.one = { error: badKey };
    expect(await here.ask()).toBe('1+1');
    await look(world);
    expect(await there.ask()).toBe('0+1');
    expect(there.one()).toMatchObject({ state: 'open', lastFailureKind: 'auth' });
  });

  test('counts the failures of all processes together', async () => {
    const world = createWorld();
    const { process } = open(world);
    const processes = [process(), process(), process(), process()];
    for (const { ask } of processes) await ask();
    world.fate.one = { error: down };
    const asked: string[] = [];
    for (const { ask } of processes) {
      asked.push(await ask());
      await look(world);
    }
    expect(asked).toEqual(['1+1', '1+1', '1+1', '0+1']);
  });

  test('lets one call of all processes probe, and closes for all when it is healthy', async () => {
    const world = createWorld();
    const { process } = open(world);
    const processes = Array.from({ length: 5 }, () => process());
    for (const { ask } of processes) await ask();
    world.fate.one = { error: badKey };
    await processes[0]?.ask();
    await look(world);
    await world.clock.advance(5_000);
    const before = processes.map(({ first }) => first.calls.length);
    const round = Promise.all(processes.flatMap(({ ask }) => [ask(), ask(), ask()]));
    await settle();
    await world.clock.advance(0);
    await round;
    const probes = processes.map(({ first }, index) => first.calls.length - (before[index] ?? 0));
    expect(probes.reduce((sum, count) => sum + count, 0)).toBe(1);
    // That probe failed: everybody waits again, and longer.
    await look(world);
    expect(processes.map(({ one }) => one()?.state)).toEqual(Array.from({ length: 5 }, () => 'open'));
    world.fate.one = answer;
    await world.clock.advance(10_000);
    const next = processes[3]?.ask();
    await settle();
    await next;
    await look(world);
    const healed = processes.map(({ ask }) => ask());
    await settle();
    expect(await Promise.all(healed)).toEqual(Array.from({ length: 5 }, () => '1+0'));
  });

  test('leaves a candidate out in all processes for as long as its provider asked', async () => {
    const world = createWorld();
    const { process } = open(world);
    const [here, there] = [process(), process()];
    await there.ask();
    world.fate.one = { error: httpError({ statusCode: 429, headers: { 'retry-after': '60' } }) };
    await here.ask();
    world.fate.one = answer;
    await look(world);
    await world.clock.advance(55_000);
    expect(await there.ask()).toBe('0+1');
    await world.clock.advance(5_000);
    const probe = there.ask();
    await settle();
    expect(await probe).toBe('1+0');
  });

  test('is reset in all processes', async () => {
    const world = createWorld();
    const { process } = open(world);
    const [here, there] = [process(), process()];
    await there.ask();
    world.fate.one = { error: badKey };
    await here.ask();
    await look(world);
    world.fate.one = answer;
    there.model.reset('one');
    await look(world);
    expect(await here.ask()).toBe('1+0');
  });

  test('is known to a process that starts later, once it has looked', async () => {
    const world = createWorld();
    const { process } = open(world);
    world.fate.one = { error: badKey };
    await process().ask();
    await settle();
    const later = process();
    await settle();
    expect(await later.ask()).toBe('0+1');
  });

  test('is not shared across namespaces', async () => {
    const world = createWorld();
    const { process } = open(world);
    const [here, there] = [process(), process({ namespace: 'other' })];
    await there.ask();
    world.fate.one = { error: badKey };
    await here.ask();
    await look(world);
    expect(there.one()?.state).toBe('closed');
  });

  test('one failure in a process that sees little traffic does not speak against a candidate that answers the others', async () => {
    const world = createWorld();
    const { process } = open(world);
    const usual = { circuitBreaker: true } as const;
    const [busy, quiet] = [process(usual), process(usual)];
    await Promise.all([busy.ask(), quiet.ask()]);
    await world.clock.advance(10_000);
    world.fate.one = { error: down };
    await quiet.ask();
    world.fate.one = answer;
    for (let second = 0; second < 6; second++) {
      expect(await busy.ask()).toBe('1+0');
      await look(world);
    }
    expect(quiet.one()?.state).toBe('closed');
  });

  test('stays out of the way of a healthy process: it is told nothing', async () => {
    const world = createWorld();
    const near = memoryState({ clock: world.clock });
    const state = remoteStore(near);
    const { ask } = startProcess({ world, state });
    await ask();
    await settle();
    for (let time = 0; time < 20; time++) await ask();
    await settle();
    expect(state.asked.filter(verb => verb !== 'health')).toEqual(['observe']);
    expect(state.asked.filter(verb => verb === 'health').length).toBeLessThanOrEqual(2);
  });
});

describe('a health key', () => {
  test('keeps the breaker of models that are made for each request', async () => {
    const world = createWorld();
    const request = () => startProcess({ world, healthKey: 'account-7' });
    world.fate.one = { error: down };
    expect([await request().ask(), await request().ask(), await request().ask()]).toEqual([
      '1+1',
      '1+1',
      '1+1',
    ]);
    expect(await request().ask()).toBe('0+1');
    expect(await startProcess({ world, healthKey: 'account-8' }).ask()).toBe('1+1');
    expect(await startProcess({ world }).ask()).toBe('1+1');
  });

  test('names one breaker for several candidates of a composite', async () => {
    const world = createWorld();
    const [first, second] = ['one', 'two'].map(id => scriptedModel({ id, turns: [{ error: badKey }] }));
    if (first === undefined || second === undefined) throw new Error('two models');
    const ai = createComposite(
      [
        { model: first, name: 'one', healthKey: 'account' },
        { model: second, name: 'two', healthKey: 'account' },
        { model: scriptedModel({ id: 'three', turns: [answer] }), name: 'three' },
      ],
      { clock: world.clock, attempts: 1, pricing: { catalog: false, onWarning: () => undefined } },
    );
    await ai.doGenerate(call());
    await ai.doGenerate(call());
    expect([first.calls.length, second.calls.length]).toEqual([1, 1]);
    expect(ai.health().map(({ state }) => state)).toEqual(['open', 'open', 'closed']);
  });

  test('stands in place of the name where the state is shared', async () => {
    const world = createWorld();
    const state = memoryState({ clock: world.clock });
    world.fate.one = { error: badKey };
    await startProcess({ world, state, healthKey: 'account' }).ask();
    const other = createComposite(
      [
        { model: scriptedModel({ id: 'x', turns: [answer] }), name: 'another name', healthKey: 'account' },
        scriptedModel({ id: 'y', turns: [answer] }),
      ],
      { clock: world.clock, state },
    );
    expect(other.health()[0]).toMatchObject({ candidate: 'another name', state: 'open' });
  });

  test.each([
    ['', 'must not be empty'],
    ['x'.repeat(257), 'must be at most 256 characters'],
  ])('%j is refused', (healthKey, problem) => {
    const model = scriptedModel({ id: 'one', turns: [answer] });
    expect(() => createComposite([{ model, healthKey }])).toThrow(problem);
  });
});
