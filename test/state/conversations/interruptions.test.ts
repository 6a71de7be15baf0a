import { describe, expect, test } from 'vitest';
import { createInterruptions, type Interruption } from '../../../src/state/conversations/interruptions.ts';
import { createManualClock } from '../../fallback/manual-clock.ts';

const interruption = ({
  keys = ['prompt'],
  signal,
  callId = 'call',
}: {
  readonly keys?: readonly string[];
  readonly signal?: AbortSignal;
  readonly callId?: string;
} = {}): Interruption => ({
  keys,
  signal,
  candidates: ['first'],
  call: { callId, candidate: 'first', failureKind: 'network' },
});

describe('broken calls', () => {
  test('are found by each of their keys, for less than a minute', async () => {
    const clock = createManualClock();
    const interruptions = createInterruptions({ clock, maxEntries: 10 });
    expect(interruptions.isEmpty()).toBe(true);
    const one = interruption({ keys: ['prompt', 'session'] });
    interruptions.add(one);
    await clock.advance(59_999);
    expect(interruptions.isEmpty()).toBe(false);
    for (const key of ['prompt', 'session']) expect(interruptions.find({ key, signal: undefined })).toBe(one);
    expect(interruptions.find({ key: 'other', signal: undefined })).toBeUndefined();
    await clock.advance(1);
    expect(interruptions.find({ key: 'prompt', signal: undefined })).toBeUndefined();
    expect(interruptions.isEmpty()).toBe(true);
  });

  test('are forgotten under every key once they are taken', () => {
    const interruptions = createInterruptions({ clock: createManualClock(), maxEntries: 10 });
    const one = interruption({ keys: ['prompt', 'session'] });
    interruptions.add(one);
    interruptions.take(one);
    interruptions.take(one);
    for (const key of ['prompt', 'session'])
      expect(interruptions.find({ key, signal: undefined })).toBeUndefined();
    expect(interruptions.isEmpty()).toBe(true);
  });

  test('that are alike are told apart by the signal, else found in their order', () => {
    const interruptions = createInterruptions({ clock: createManualClock(), maxEntries: 10 });
    const [own, others] = [new AbortController().signal, new AbortController().signal];
    const [one, two] = [interruption({ signal: others }), interruption({ signal: own })];
    interruptions.add(one);
    interruptions.add(two);
    expect(interruptions.find({ key: 'prompt', signal: own })).toBe(two);
    expect(interruptions.find({ key: 'prompt', signal: undefined })).toBe(one);
  });

  test('are bounded: the earliest go first', () => {
    const interruptions = createInterruptions({ clock: createManualClock(), maxEntries: 100 });
    for (let index = 0; index < 1_000; index++) interruptions.add(interruption({ keys: [`${index}`] }));
    const found = Array.from({ length: 1_000 }, (_call, index) =>
      interruptions.find({ key: `${index}`, signal: undefined }),
    );
    expect(found.map(own => own !== undefined).indexOf(true)).toBe(900);
    expect(found.filter(own => own !== undefined).length).toBe(100);
  });

  test('are forgotten as well where the clock is set back', async () => {
    let nowMs = 1_000_000;
    const clock = { ...createManualClock(), now: () => nowMs };
    const interruptions = createInterruptions({ clock, maxEntries: 10 });
    interruptions.add(interruption());
    nowMs -= 5;
    expect(interruptions.isEmpty()).toBe(false);
    nowMs -= 60_000;
    expect(interruptions.isEmpty()).toBe(true);
  });
});
