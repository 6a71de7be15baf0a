import { createComposite } from 'ai-composite';
import { describe, expect, test } from 'vitest';
import { collect, textOf } from '../testing/call.ts';
import { createManualClock } from './manual-clock.ts';
import { down, scriptedModel, type Turn } from './scripted-model.ts';

const backup = {
  model: scriptedModel({ id: 'backup', turns: [{ text: ['all ', 'of it'] }] }),
  name: 'backup',
};

function compose({
  turns,
  clock = createManualClock(),
}: {
  turns: readonly Turn[];
  clock?: ReturnType<typeof createManualClock>;
}) {
  const first = scriptedModel({ id: 'first', turns });
  const model = createComposite([{ model: first, name: 'first' }, backup], {
    recover: 'buffer',
    attempts: 1,
    clock,
    pricing: { catalog: false },
  });
  return { model, first, clock };
}

describe('a buffered stream', () => {
  test.each([
    ['breaks after output', { text: ['half', ' of it'], breakAfter: 3, error: down }],
    [
      'ends without a finish',
      {
        parts: [
          { type: 'text-start', id: 't' },
          { type: 'text-delta', id: 't', delta: 'half' },
        ],
      },
    ],
    ['ends with an error', { text: ['half'], finish: 'error' }],
  ] satisfies ReadonlyArray<[string, Turn]>)(
    'that %s falls back, and nothing of it shows',
    async (_name, turn) => {
      const { model } = compose({ turns: [turn] });
      const { parts, thrown } = await collect({ model });
      expect(thrown).toBeUndefined();
      expect(parts.map(({ type }) => type)).toEqual([
        'stream-start',
        'response-metadata',
        'text-start',
        'text-delta',
        'text-delta',
        'text-end',
        'finish',
      ]);
      expect(textOf(parts)).toBe('all of it');
    },
  );

  test('that stalls after output falls back', async () => {
    const { model, clock, first } = compose({
      turns: [{ text: ['half', ' of it'], pause: { after: 3, until: new Promise(() => {}) } }],
    });
    const collected = collect({ model });
    await clock.advance(40_000);
    expect(textOf((await collected).parts)).toBe('all of it');
    expect(first.calls.length).toBe(1);
  });
});
