import { type Check, leaseMs, longMs, place, read, same } from './bench.ts';

/** Names and texts that something on the way could take for its own. */
const odd = [
  "it's",
  '"quoted"',
  'a\\b',
  'two\nlines\r\n',
  '{tag}',
  '%_;--',
  '$1 {0}',
  ' spaces ',
  '123',
  '1e400',
  'null',
  'true',
  '{"a":1}',
  `Zürich ${String.fromCodePoint(0x6771, 0x4eac, 0x1f9f5)}`, // by number, so that the built file has letters of one byte
  'x'.repeat(400),
];

/** What every store has to do with notes and keys, by the sentences that say it. */
export const noteChecks: Readonly<Record<string, Check>> = {
  'keeps a note until its time is over': async ({ store, name, pass }) => {
    const key = name('note');
    same({ actual: await store.readNote(key), expected: undefined, why: 'there is none yet' });
    await store.writeNote({ key, value: 'one', keepMs: longMs });
    same({ actual: await store.readNote(key), expected: 'one', why: 'it was written' });
    await store.writeNote({ key, value: 'two', keepMs: leaseMs });
    same({ actual: await store.readNote(key), expected: 'two', why: 'the later one counts' });
    await pass(leaseMs + 200);
    same({ actual: await store.readNote(key), expected: undefined, why: 'its time is over' });
  },

  'keeps keys and values as they are': async bench => {
    const { store, name } = bench;
    for (const text of odd) {
      const key = name(text);
      await store.writeNote({ key, value: text, keepMs: longMs });
      const { id } = await place({ bench, claim: { scope: key, amount: 7n, keepMs: longMs } });
      await store.settle({ id, amounts: [{ scope: key, amount: 3n }] });
      await store.observe({ key, observation: { type: 'success', openings: 0 }, keepMs: longMs });
    }
    for (const text of odd) {
      const key = name(text);
      same({ actual: await store.readNote(key), expected: text, why: 'a note is what was written' });
      same({
        actual: await read({ store, scope: key }),
        expected: { used: 3n, held: 0n },
        why: 'a scope is its own, whatever it is called, and notes and health of its name are others',
      });
    }
    await store.writeNote({ key: name('empty'), value: '', keepMs: longMs });
    same({ actual: await store.readNote(name('empty')), expected: '', why: 'an empty note is a note' });
  },
};
