import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addSample, averageOf, createShare, replaceSample } from '../../../src/state/observed/share.ts';

const prior = { value: 0.05, strength: 4 };
const hourMs = 3_600_000;

/** Observations, and the time that passed before each. */
type Seen = ReadonlyArray<{ readonly value: number; readonly gapMs: number }>;

const observations: fc.Arbitrary<Seen> = fc.array(
  fc.record({ value: fc.constantFrom(0, 1), gapMs: fc.nat(600_000) }),
  { minLength: 1, maxLength: 300 },
);
const times = (count: number, value: number): Seen => Array(count).fill({ value, gapMs: 0 });

/** What is left after these observations. */
function shareOf(seen: Seen) {
  const share = createShare();
  let nowMs = 0;
  const samples = seen.map(({ value, gapMs }) => {
    nowMs += gapMs;
    return addSample({ share, value, nowMs });
  });
  const average = (laterMs = 0) => averageOf({ share, prior, nowMs: nowMs + laterMs });
  return { share, samples, average };
}

describe('a share of what was seen', () => {
  test('is the prior where nothing was seen', () => {
    expect(averageOf({ share: undefined, prior, nowMs: 0 })).toBe(0.05);
    expect(shareOf([]).average(hourMs)).toBe(0.05);
  });

  test('lies between the prior and what was seen, and comes nearer with every observation', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), count => {
        const before = shareOf(times(count, 1)).average();
        expect(before).toBeGreaterThan(prior.value);
        expect(before).toBeLessThan(1);
        expect(shareOf(times(count + 1, 1)).average()).toBeGreaterThan(before);
      }),
    );
  });

  test('goes by what was seen last', () => {
    expect(shareOf([...times(300, 1), ...times(300, 0)]).average()).toBeLessThan(0.01);
  });

  test('is forgotten with time: after hours nothing but the prior is left', () => {
    fc.assert(
      fc.property(observations, seen => {
        const { average } = shareOf(seen);
        const distance = (laterMs: number) => Math.abs(average(laterMs) - prior.value);
        expect(distance(hourMs)).toBeLessThanOrEqual(distance(0) + 1e-12);
        expect(distance(12 * hourMs)).toBeCloseTo(0, 6);
      }),
    );
  });

  test('without a prior is the average of what was seen, also weeks later', () => {
    const { share } = shareOf([...times(3, 100), ...times(3, 200)]);
    const averageAfter = (nowMs: number) => averageOf({ share, prior: { value: 0, strength: 0 }, nowMs });
    expect(averageAfter(0)).toBeCloseTo(151.5, 1);
    for (const days of [1, 11, 12, 400])
      expect(averageAfter(days * 24 * hourMs)).toBeCloseTo(averageAfter(0), 9);
  });

  test('is no other where a value was replaced than where it was right at once', () => {
    fc.assert(
      fc.property(observations, fc.nat(), (seen, at) => {
        const index = at % seen.length;
        const withValue = (value: number) => shareOf(seen.with(index, { gapMs: 0, ...seen[index], value }));
        const { share, samples, average } = withValue(1);
        const sample = samples[index];
        if (sample !== undefined) replaceSample({ share, sample, value: 0.5 });
        expect(average()).toBeCloseTo(withValue(0.5).average(), 9);
      }),
    );
  });

  test('is not moved by a clock that was set back', () => {
    const share = createShare();
    addSample({ share, value: 1, nowMs: hourMs });
    addSample({ share, value: 1, nowMs: 0 });
    expect(averageOf({ share, prior, nowMs: -hourMs })).toBeCloseTo((0.2 + 1.98) / (4 + 1.98), 9);
  });
});
