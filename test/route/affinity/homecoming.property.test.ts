import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  afterRefusal,
  afterReturn,
  afterTurn,
  isDue,
  reasonOf,
} from '../../../src/route/affinity/homecoming.ts';
import { asked, cheaper, down, unable } from '../../../src/state/conversations/away.ts';

/** A letter that this version writes, or one of another version. */
const letter = fc.oneof(
  fc.constantFrom('', down, cheaper, asked, ...'0123456789ABCDE', ...'wxyz'),
  fc.string({ minLength: 1, maxLength: 1 }),
);

describe('the letter behind a stamp', () => {
  test('is one at most, whatever becomes of a conversation', () => {
    fc.assert(
      fc.property(letter, own => {
        for (const next of [afterTurn(own), afterReturn(own), afterRefusal(own)])
          expect(next.length).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('stands for its reason, or for none', () => {
    expect([down, cheaper, asked, unable, '', '?', 'w'].map(reasonOf)).toEqual([
      'down',
      'cheaper',
      'asked',
      'unable',
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('of one that could not take a request lets the conversation wait for at most seven turns', () => {
    fc.assert(
      fc.property(letter, own => {
        let away = afterRefusal(own);
        expect(reasonOf(away)).toBe('unable');
        let turns = 0;
        for (; !isDue(away); turns++) away = afterTurn(away);
        expect([0, 1, 3, 7]).toContain(turns);
        expect(afterTurn(away)).toBe(away);
      }),
    );
  });

  test('waits for twice as many turns after each return, and forgets them one by one at home', () => {
    let away = '';
    const waits = [];
    for (let round = 0; round < 5; round++) {
      away = afterRefusal(away);
      let turns = 0;
      for (; !isDue(away); turns++) away = afterTurn(away);
      waits.push(turns);
      away = afterReturn(away);
      expect(reasonOf(away)).toBeUndefined();
    }
    expect(waits).toEqual([0, 1, 3, 7, 7]);
    for (let turn = 0; turn < 4; turn++) {
      expect(away).not.toBe('');
      away = afterTurn(away);
    }
    expect(away).toBe('');
  });

  test('of every other reason stays as it is', () => {
    for (const away of [down, cheaper, asked, '', '?']) {
      expect([afterTurn(away), isDue(away)]).toEqual([away, true]);
      expect(afterReturn(away)).toBe('');
    }
  });
});
