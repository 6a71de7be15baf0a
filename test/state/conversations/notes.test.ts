import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createNotes } from '../../../src/state/conversations/notes.ts';

test('keeps the notes written last, whatever was written again', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 300 }),
      (maxEntries, keys) => {
        const notes = createNotes({ maxEntries });
        let latest: string[] = [];
        for (const [index, own] of keys.entries()) {
          const key = `${own}`;
          notes.write({ key, value: `${index}` });
          latest = [...latest.filter(other => other !== key), key].slice(-maxEntries);
        }
        for (let own = 0; own < 10; own++) {
          const key = `${own}`;
          expect(notes.read(key)).toBe(latest.includes(key) ? `${keys.lastIndexOf(own)}` : undefined);
        }
      },
    ),
  );
});
