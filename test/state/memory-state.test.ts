import { expect, test } from 'vitest';
import { memoryState } from '../../src/state/memory-state.ts';

function make() {
  let nowMs = 1_000;
  const state = memoryState({ clock: { now: () => nowMs, schedule: () => () => undefined } });
  return {
    state,
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
}

const claim = { scope: 'day', limit: 10n, keepMs: 60_000 };

test('holds up to the limit, in every scope or in none', () => {
  const { state } = make();
  const other = { ...claim, scope: 'month', limit: 15n };
  expect(
    state.hold({
      id: 'a',
      claims: [
        { ...claim, amount: 6n },
        { ...other, amount: 6n },
      ],
      leaseMs: 1_000,
    }),
  ).toEqual({
    outcome: 'held',
    standings: [
      { scope: 'day', used: 6n, held: 6n },
      { scope: 'month', used: 6n, held: 6n },
    ],
  });
  expect(
    state.hold({
      id: 'b',
      claims: [
        { ...other, amount: 5n },
        { ...claim, amount: 5n },
      ],
      leaseMs: 1_000,
    }).outcome,
  ).toBe('denied');
  expect(state.standings([other, claim])).toEqual([
    { scope: 'month', used: 6n, held: 6n },
    { scope: 'day', used: 6n, held: 6n },
  ]);
});

test('a lease that is over counts as spent until it is settled', () => {
  const { state, pass } = make();
  state.hold({ id: 'a', claims: [{ ...claim, amount: 6n }], leaseMs: 1_000 });
  pass(500);
  state.renew({ id: 'a', scopes: ['day'], leaseMs: 1_000 });
  pass(600);
  expect(state.standings([claim])).toEqual([{ scope: 'day', used: 6n, held: 6n }]);
  pass(500);
  expect(state.standings([claim])).toEqual([{ scope: 'day', used: 6n, held: 0n }]);
  expect(state.settle({ id: 'a', amounts: [{ scope: 'day', amount: 2n }] })).toEqual([
    { scope: 'day', used: 2n, held: 0n },
  ]);
  expect(state.settle({ id: 'a', amounts: [{ scope: 'day', amount: 2n }] })).toEqual([
    { scope: 'day', used: 2n, held: 0n },
  ]);
});

test('a sliding scope lets go of what is older than its window, and says when there is room', () => {
  const { state, pass } = make();
  const requests = { scope: 'requests', slidingMs: 60_000, amount: 1n, limit: 2n, keepMs: 120_000 };
  const place = (id: string) => state.hold({ id, claims: [requests], leaseMs: 1_000 });
  expect(place('a').outcome).toBe('held');
  pass(30_000);
  expect(place('b').outcome).toBe('held');
  expect(place('c')).toEqual({
    outcome: 'denied',
    standings: [{ scope: 'requests', used: 2n, held: 0n, retryAfterMs: 30_000 }],
  });
  pass(30_000);
  expect(place('c').outcome).toBe('held');
  expect(place('d').outcome).toBe('denied');
});
