import { expect, test } from 'vitest';
import { createGate, pieces } from '../../src/testing/index.ts';

test('pieces are distinct, and as long as asked for', () => {
  expect(pieces({ count: 3 })).toEqual(['w1 ', 'w2 ', 'w3 ']);
  expect(pieces({ count: 2, bytes: 6 })).toEqual(['w1 ...', 'w2 ...']);
  expect(pieces({ count: 0 })).toEqual([]);
});

test('a gate opens once, for everybody who waits', async () => {
  const gate = createGate();
  const seen: string[] = [];
  const waiting = [gate.opened.then(() => seen.push('first')), gate.opened.then(() => seen.push('second'))];
  await Promise.resolve();
  expect(seen).toEqual([]);
  gate.open();
  gate.open();
  await Promise.all(waiting);
  expect(seen).toEqual(['first', 'second']);
});
