import { describe, expect, test } from 'vitest';
import { seededRandom, shareOf } from './figures.ts';
import { calculate, hasResult, hasWrongSum } from './money/check-sums.ts';
import { averageGapRecovered, type Ends, usdAt95 } from './money/curve.ts';
import { parseCsv } from './parse-csv.ts';
import { readLabelledPrompts } from './tasks/labelled-prompts.ts';
import { createVirtualClock } from './week/virtual-clock.ts';

const ends: Ends = {
  cheap: { strongShare: 0, usd: 1, accuracy: 0.6 },
  strong: { strongShare: 1, usd: 11, accuracy: 0.8 },
};

describe('the figures of the routing benchmark', () => {
  test('a random mix recovers half of the gap, by calls and by money, and 95 % of it at 95 % of the way', () => {
    const points = [{ strongShare: 0.3, usd: 4, accuracy: 0.66 }];
    expect(averageGapRecovered({ points, ends, over: 'calls' })).toBeCloseTo(0.5);
    expect(averageGapRecovered({ points, ends, over: 'money' })).toBeCloseTo(0.5);
    expect(usdAt95({ points, ends })).toBeCloseTo(10.5);
  });

  test('whoever sends the long questions to the strong model does well by calls and badly by money', () => {
    const points = [{ strongShare: 0.5, usd: 9, accuracy: 0.74 }];
    expect(averageGapRecovered({ points, ends, over: 'calls' })).toBeGreaterThan(0.5);
    expect(averageGapRecovered({ points, ends, over: 'money' })).toBeLessThan(0.5);
  });

  test('95 % of the gap costs no more than the setting that has it', () => {
    const points = [{ strongShare: 0.4, usd: 5, accuracy: 0.8 }];
    expect(usdAt95({ points, ends })).toBeCloseTo(1 + 4 * 0.95);
  });

  test("Wilson's interval of 8 in 10", () => {
    const { share, low, high } = shareOf({ hits: 8, count: 10 });
    expect(share).toBe(0.8);
    expect(low).toBeCloseTo(0.4902, 3);
    expect(high).toBeCloseTo(0.9433, 3);
  });

  test('the same seed gives the same numbers, evenly spread', () => {
    const [one, other] = [seededRandom(1), seededRandom(1)];
    const numbers = Array.from({ length: 10_000 }, () => one());
    expect(numbers.slice(0, 5)).toEqual(Array.from({ length: 5 }, () => other()));
    expect(numbers.reduce((sum, number) => sum + number, 0) / numbers.length).toBeCloseTo(0.5, 1);
  });

  test('a quoted field of a table may have commas, quotes and line breaks', () => {
    expect(parseCsv('a,b\n"1, ""one""\nline",True\r\n,\n')).toEqual([
      ['a', 'b'],
      ['1, "one"\nline', 'True'],
      ['', ''],
    ]);
  });
});

describe('the check of worked answers', () => {
  test('works out sums, and leaves alone what is none', () => {
    expect(['48/2', '2+3*4', '(2+3)*4', '-5 - 1', '8*5*60/100', '.5*4'].map(calculate)).toEqual([
      24, 14, 20, -6, 24, 2,
    ]);
    expect(['', '2+', '(2', '3x', '5%', '1/0', '2 3'].map(calculate)).toEqual(Array(7).fill(undefined));
  });

  test('sees a missing result and a wrong sum, and forgives rounding', () => {
    expect(hasResult('So it is 7.\n#### 7\n\n')).toBe(true);
    expect(hasResult('So it is <<15+2')).toBe(false);
    expect(hasWrongSum('First <<48/2=24>> and then <<24+1=26>>.')).toBe(true);
    expect(hasWrongSum('A third is <<100/3=33.33>>, and $<<5x=2>>.')).toBe(false);
  });
});

describe('the clock of the simulated week', () => {
  test('calls back in the order of time, then of scheduling, and not what was cancelled', async () => {
    const clock = createVirtualClock(0);
    const seen: string[] = [];
    const note = (name: string) => () => void seen.push(`${name} ${clock.now()}`);
    for (const [name, delayMs] of [
      ['c', 30],
      ['a', 10],
      ['b', 10],
      ['d', 40],
    ] as const)
      clock.schedule({ delayMs, callback: note(name) });
    clock.schedule({ delayMs: 20, callback: note('never') })();
    clock.schedule({
      delayMs: 15,
      callback: () => void clock.wait({ ms: 20 }).then(note('waited')),
    });
    await clock.run();
    expect(seen).toEqual(['a 10', 'b 10', 'c 30', 'waited 35', 'd 40']);
  });
});

describe('the labelled prompts', () => {
  const prompts = readLabelledPrompts();

  test('are some 300, in six languages, of every task and kind, none twice', () => {
    expect(prompts.length).toBeGreaterThanOrEqual(300);
    const count = (of: (prompt: (typeof prompts)[number]) => string) => new Set(prompts.map(of)).size;
    expect(count(({ group }) => group)).toBe(6);
    expect(count(({ group, task, kind }) => `${group} ${task} ${kind}`)).toBeGreaterThan(70);
    expect(count(({ turns }) => turns.join('\n'))).toBe(prompts.length);
  });
});
