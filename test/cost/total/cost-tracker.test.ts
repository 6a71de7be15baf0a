import { InvalidArgumentError } from '@ai-sdk/provider';
import { describe, expect, test } from 'vitest';
import {
  addCosts,
  type Cost,
  createCostTracker,
  formatUsd,
  type TrackedCall,
} from '../../../src/cost/index.ts';

const hour = 3_600_000;
const cost = (usdExact: string, status: 'priced' | 'estimated' | 'lower-bound' = 'priced'): Cost => ({
  status,
  usd: Number(usdExact),
  usdExact,
  lineItems: [],
});
const unknown: Cost = { status: 'unknown', lineItems: [] };

function call({
  task = 'chat',
  costs,
  startedAtMs = 0,
  tags,
}: {
  readonly task?: string;
  readonly costs: ReadonlyArray<readonly [candidate: string, cost: Cost]>;
  readonly startedAtMs?: number;
  readonly tags?: Record<string, string>;
}): TrackedCall {
  return {
    task,
    ...(tags !== undefined && { tags }),
    attempts: costs.map(([candidate, cost]) => ({ candidate, modelId: `${candidate}-model`, cost })),
    cost: addCosts(costs.map(([, cost]) => cost)),
    startedAtMs,
  };
}

describe('the cost tracker', () => {
  test('totals by task, candidate, model, tag and hour, exactly', () => {
    const tracker = createCostTracker();
    tracker.onCallEnd(
      call({
        costs: [
          ['first', cost('0.1')],
          ['second', cost('0.2')],
        ],
        tags: { team: 'red' },
      }),
    );
    tracker.onCallEnd(
      call({
        task: 'code',
        costs: [['first', cost('0.0000001')]],
        startedAtMs: hour,
        tags: { team: 'red', user: 'ann' },
      }),
    );
    const { calls, total, byTask, byCandidate, byModel, byTag, windows } = tracker.snapshot();
    const exact = (totals: Readonly<Record<string, { readonly usdExact?: string }>>) =>
      Object.fromEntries(Object.entries(totals).map(([key, { usdExact }]) => [key, usdExact]));
    expect(calls).toBe(2);
    expect(total).toEqual({
      status: 'priced',
      usd: 0.3000001,
      usdExact: '0.3000001',
      incomplete: 0,
      count: 3,
    });
    expect(exact(byTask)).toEqual({ chat: '0.3', code: '0.0000001' });
    expect(exact(byCandidate)).toEqual({ first: '0.1000001', second: '0.2' });
    expect(exact(byModel)).toEqual({ 'first-model': '0.1000001', 'second-model': '0.2' });
    expect(exact(byTag)).toEqual({ 'team=red': '0.3000001', 'user=ann': '0.0000001' });
    expect(windows.map(({ fromMs, toMs, calls, total }) => [fromMs, toMs, calls, total.usdExact])).toEqual([
      [0, hour, 1, '0.3'],
      [hour, 2 * hour, 1, '0.0000001'],
    ]);
  });

  test('is plain JSON and a copy: later calls do not change a snapshot', () => {
    const tracker = createCostTracker();
    tracker.onCallEnd(call({ costs: [['a', cost('1')]] }));
    const snapshot = tracker.snapshot();
    const text = JSON.stringify(snapshot);
    tracker.onCallEnd(call({ costs: [['a', cost('1')]] }));
    expect(JSON.stringify(snapshot)).toBe(text);
    expect(JSON.parse(text)).toEqual(snapshot);
  });

  test('says how many parts a total lacks', () => {
    const tracker = createCostTracker();
    tracker.onCallEnd(
      call({
        costs: [
          ['a', unknown],
          ['b', cost('1')],
        ],
      }),
    );
    expect(tracker.snapshot().byTask.chat).toEqual({
      status: 'lower-bound',
      usd: 1,
      usdExact: '1',
      incomplete: 1,
      count: 2,
    });
    expect(tracker.snapshot().byCandidate.a).toEqual({ status: 'unknown', incomplete: 1, count: 1 });
  });

  test('stays bounded: names beyond the limit are summed, windows beyond it are dropped', () => {
    const tracker = createCostTracker({ maxKeys: 2, maxWindows: 3, windowMs: 10 });
    for (let index = 0; index < 50; index++)
      tracker.onCallEnd(
        call({
          task: `task-${index}`,
          costs: [['a', cost('1')]],
          startedAtMs: index * 10,
          tags: { user: `${index}` },
        }),
      );
    const { byTask, byTag, windows, total } = tracker.snapshot();
    expect(Object.entries(byTask).map(([key, { usdExact }]) => [key, usdExact])).toEqual([
      ['task-0', '1'],
      ['task-1', '1'],
      ['(other)', '48'],
    ]);
    expect(Object.keys(byTag)).toHaveLength(3);
    expect(windows.map(({ fromMs }) => fromMs)).toEqual([470, 480, 490]);
    expect(total.usdExact).toBe('50');
  });

  test('counts the models of a nested composite once, under its own attempts', () => {
    const tracker = createCostTracker();
    const nested = {
      attempts: [
        { candidate: 'x', modelId: 'x-model', cost: cost('0.1') },
        { candidate: 'y', modelId: 'y-model', cost: cost('0.2') },
      ],
    };
    tracker.onCallEnd({
      task: 'chat',
      attempts: [{ candidate: 'inner', modelId: 'chat', cost: cost('0.3'), nested }],
      cost: addCosts([cost('0.3')]),
      startedAtMs: 0,
    });
    const { byModel, byCandidate } = tracker.snapshot();
    expect(Object.keys(byModel)).toEqual(['x-model', 'y-model']);
    expect(Object.keys(byCandidate)).toEqual(['inner']);
  });

  test('counts a classifying model by its name and for no candidate, so that the models add up to the total', () => {
    const tracker = createCostTracker();
    const nested = {
      attempts: [{ candidate: 'x', modelId: 'x-model', cost: cost('0.1') }],
      classification: { modelId: 'small', cost: cost('0.02') },
    };
    tracker.onCallEnd({
      task: 'chat',
      attempts: [{ candidate: 'inner', modelId: 'chat', cost: cost('0.12'), nested }],
      classification: { modelId: 'small', cost: cost('0.003') },
      cost: addCosts([cost('0.12'), cost('0.003')]),
      startedAtMs: 0,
    });
    const { byModel, byCandidate, total } = tracker.snapshot();
    expect(byModel).toMatchObject({ small: { usdExact: '0.023' }, 'x-model': { usdExact: '0.1' } });
    expect(byCandidate).toMatchObject({ inner: { usdExact: '0.12' } });
    expect(addCosts(Object.values(byModel)).usdExact).toBe(total.usdExact);
  });

  test('keeps tags apart whose names and values run together alike', () => {
    const tracker = createCostTracker();
    const pairs = [
      { 'a=b': 'c' },
      { a: 'b=c' },
      { 'a\\': 'b=c' },
      { 'a\\=b': 'c' },
      { 'a=b=c': '' },
      { '': 'a=b=c' },
    ];
    for (const tags of pairs) tracker.onCallEnd(call({ costs: [['one', cost('1')]], tags }));
    const { byTag } = tracker.snapshot();
    expect(Object.keys(byTag)).toHaveLength(pairs.length);
    expect(byTag['a=b=c']).toMatchObject({ count: 1 });
    expect(byTag['a\\=b=c']).toMatchObject({ count: 1 });
  });

  test('takes any name, also those that objects have of their own', () => {
    const names = ['__proto__', 'constructor', 'toString', '', '(other)'];
    const tracker = createCostTracker();
    for (const name of names) {
      const tags = Object.fromEntries([[name, name]]);
      tracker.onCallEnd({ ...call({ task: name, costs: [[name, cost('1')]], tags }) });
    }
    const snapshot = tracker.snapshot();
    for (const totals of [snapshot.byTask, snapshot.byCandidate]) {
      expect(Object.keys(totals)).toEqual(names);
      for (const name of names)
        expect(Object.getOwnPropertyDescriptor(totals, name)?.value).toMatchObject({ usdExact: '1' });
    }
    expect(Object.keys(snapshot.byTag)).toEqual(names.map(name => `${name}=${name}`));
    expect(JSON.stringify(JSON.parse(JSON.stringify(snapshot)))).toBe(JSON.stringify(snapshot));
    expect(JSON.parse(JSON.stringify(snapshot))).toEqual(snapshot);
  });

  test('keeps no name of any length', () => {
    const tracker = createCostTracker();
    for (const length of [256, 257, 1_000_000])
      tracker.onCallEnd(call({ task: 'x'.repeat(length), costs: [['a', cost('1')]] }));
    const { byTask } = tracker.snapshot();
    expect(Object.entries(byTask).map(([key, { usdExact }]) => [key.length, usdExact])).toEqual([
      [256, '1'],
      [7, '2'],
    ]);
  });

  test('keeps very many windows without a limit of its own', () => {
    const tracker = createCostTracker({ windowMs: 1, maxWindows: 150_000 });
    const one = call({ costs: [] });
    for (let startedAtMs = 0; startedAtMs <= 150_000; startedAtMs++)
      tracker.onCallEnd({ ...one, startedAtMs });
    const { windows } = tracker.snapshot();
    expect([windows.length, windows[0]?.fromMs]).toEqual([150_000, 1]);
  });

  test.each([
    ['maxKeys', 0, /Invalid createCostTracker\.maxKeys: must be at least 1 \(got 0\)/],
    ['maxKeys', Number.POSITIVE_INFINITY, /maxKeys: must be a whole number \(got Infinity\)/],
    ['windowMs', 0, /windowMs: must be at least 1 \(got 0\)/],
    ['windowMs', Number.NaN, /windowMs: must be a whole number \(got NaN\)/],
    ['windowMs', '1h', /windowMs: must be a whole number \(got "1h"\)/],
    ['maxWindows', -1, /maxWindows: must be at least 1 \(got -1\)/],
    [
      'maxWindow',
      10,
      /createCostTracker: has no option "maxWindow" \(did you mean maxWindows\?\); it takes maxKeys, windowMs, maxWindows/,
    ],
  ])('refuses %s: %s', (name, value, message) => {
    const make = () => createCostTracker({ [name]: value });
    expect(make).toThrow(message);
    expect(make).toThrow(InvalidArgumentError);
  });

  test('lists windows by time, whatever the order in which calls end', () => {
    const tracker = createCostTracker({ windowMs: 10 });
    for (const startedAtMs of [25, 5, 15])
      tracker.onCallEnd(call({ costs: [['a', cost('1')]], startedAtMs }));
    expect(tracker.snapshot().windows.map(({ fromMs }) => fromMs)).toEqual([0, 10, 20]);
  });

  test('starts over on reset', () => {
    const tracker = createCostTracker();
    const empty = tracker.snapshot();
    tracker.onCallEnd(call({ costs: [['a', cost('1')]] }));
    tracker.reset();
    expect(tracker.snapshot()).toEqual(empty);
  });
});

describe('addCosts', () => {
  test('of nothing is nothing, of unknowns is unknown, and the least certain part decides', () => {
    expect(addCosts([])).toEqual({ status: 'priced', usd: 0, usdExact: '0', incomplete: 0, count: 0 });
    expect(addCosts([unknown, undefined])).toEqual({ status: 'unknown', incomplete: 2, count: 2 });
    expect(addCosts([cost('1'), cost('1', 'estimated')]).status).toBe('estimated');
    expect(addCosts([cost('1', 'lower-bound'), cost('1', 'estimated')]).status).toBe('lower-bound');
  });

  test.each(['', 'NaN', '٣', '1_0', ' 1', '1.5 ', '0x10', '--1', 'Infinity'])(
    'an amount that is no number (%j) is not known, and leaves the other parts theirs',
    usdExact => {
      expect(addCosts([cost('1'), cost(usdExact)])).toEqual({
        status: 'lower-bound',
        usd: 1,
        usdExact: '1',
        incomplete: 1,
        count: 2,
      });
      const sum = { ...addCosts([cost('1'), cost('2')]), usdExact };
      expect(addCosts([sum])).toEqual({ status: 'unknown', incomplete: 2, count: 2 });
    },
  );

  test.each([
    ['1e-7', '1.0000001'],
    ['1E-7', '1.0000001'],
    ['-0.25', '0.75'],
    ['0001.50', '2.5'],
    ['1.', '2'],
    ['.5', '1.5'],
  ])('an amount may be written as other programs do (%s)', (usdExact, sum) => {
    expect(addCosts([cost('1'), cost(usdExact)])).toMatchObject({ usdExact: sum, incomplete: 0 });
  });
});

describe('formatUsd', () => {
  test.each([
    [0, '$0'],
    [1, '$1.00'],
    ['0.000001', '$0.000001'],
    ['0.00000099', '$0.00000099'],
    ['12.3456', '$12.35'],
    [1234.5, '$1234.50'],
    ['0.00428', '$0.004280'],
    ['0.5', '$0.500000'],
    ['0.123456789', '$0.123457'],
    ['0.0000001', '$0.00000010'],
    ['0.000000123456', '$0.00000012'],
    [-0.5, '-$0.500000'],
    [undefined, 'unknown'],
    ['', 'unknown'],
  ])('%s reads %s', (amount, text) => {
    expect(formatUsd(amount)).toBe(text);
  });

  test('marks an estimate and a lower bound, and says unknown where there is no amount', () => {
    expect(formatUsd(cost('0.5'))).toBe('$0.500000');
    expect(formatUsd(cost('0.5', 'estimated'))).toBe('~ $0.500000');
    expect(formatUsd(cost('0', 'estimated'))).toBe('~ $0');
    expect(formatUsd(cost('0.5', 'lower-bound'))).toBe('≥ $0.500000');
    expect(formatUsd(addCosts([cost('0.5', 'estimated'), cost('0.5')]))).toBe('~ $1.00');
    expect(formatUsd(unknown)).toBe('unknown');
    expect(formatUsd({ status: 'estimated' })).toBe('unknown');
    expect(Reflect.apply(formatUsd, undefined, [null])).toBe('unknown');
  });
});
