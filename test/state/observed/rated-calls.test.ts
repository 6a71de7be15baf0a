import { expect, test } from 'vitest';
import { defaults } from '../../../src/settings/defaults.ts';
import { createRatedCalls } from '../../../src/state/observed/rated-calls.ts';
import { createTrackRecords } from '../../../src/state/observed/track-records.ts';
import { createManualClock } from '../../fallback/manual-clock.ts';

function remembering(maxEntries: number) {
  const clock = createManualClock();
  const records = createTrackRecords({ deadlines: [1_000], clock });
  return createRatedCalls({ maxEntries, records, clock });
}

test('feedback is taken for the last calls, the one that was answered longest ago is forgotten first', () => {
  const calls = remembering(2);
  for (const callId of ['one', 'two', 'one', 'three']) calls.served({ callId, identity: {}, task: 'chat' });
  expect(['one', 'two', 'three', 'four'].map(callId => calls.rate({ callId, score: 1 }))).toEqual([
    true,
    false,
    true,
    false,
  ]);
  // As the docs say.
  expect(defaults.maxRatedCalls).toBe(10_000);
});

test('feedback is not taken for a call with a name that would fill the memory', () => {
  const calls = remembering(2);
  const names = ['n'.repeat(256), 'n'.repeat(257)];
  for (const callId of names) calls.served({ callId, identity: {}, task: 'chat' });
  expect(names.map(callId => calls.rate({ callId, score: 1 }))).toEqual([true, false]);
});
