import { describe, test } from 'vitest';
import { memoryState } from '../../../src/state/memory/memory-state.ts';
import { stateStoreCases } from '../../../src/testing/index.ts';

function make({ maxEntries }: { readonly maxEntries?: number } = {}) {
  let nowMs = 1_000;
  const state = memoryState({
    clock: { now: () => nowMs, schedule: () => () => undefined },
    ...(maxEntries !== undefined && { maxEntries }),
  });
  return {
    state,
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
}

describe('a store in memory', () => {
  const { state, pass } = make();
  for (const { name, run } of stateStoreCases({ open: () => state, pass })) test(name, run);
});
