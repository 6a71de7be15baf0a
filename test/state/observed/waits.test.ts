import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createWaits, type LimitQuery } from '../../../src/state/observed/waits.ts';
import { playWaits, wait } from '../play-waits.ts';
import { changing, lognormal, mixed, silence, worlds } from '../wait-worlds.ts';

const chat = lognormal({ medianMs: 600, spread: 0.4 });
const fixedMs = 60_000;
const steady = { world: chat, fixedMs, requests: 2_000, seed: 1 };

/** A memory of this many answers after 500 ms. */
function known({ answers = 100, ...kind }: { readonly answers?: number } & Partial<LimitQuery> = {}) {
  const waits = createWaits();
  const query: LimitQuery = {
    identity: waits,
    type: 'stream',
    isThinking: false,
    isLong: false,
    fixedMs,
    ...kind,
  };
  for (let own = 0; own < answers; own++) wait({ waits, query, takesMs: 500, limitMs: fixedMs });
  return { waits, query, limit: () => waits.firstOutput(query).limitMs };
}

describe('a limit that learns', () => {
  test.each(Object.entries(worlds))('cuts one healthy answer in 1,000 at most: %s', (_name, world) => {
    const { cut, healthy } = playWaits({ ...world, requests: 20_000, seed: 7 });
    expect(cut / healthy).toBeLessThanOrEqual(0.001);
  });

  test('lets a silent provider cost a chat some seconds, not the fixed limit, however long it is away', () => {
    const away = changing({ worlds: [...Array(19).fill(chat), silence], every: 100 });
    const { hung, hungMs, cut, healthy } = playWaits({ world: away, fixedMs, requests: 20_000, seed: 3 });
    expect(hung).toBe(1_000);
    expect(hungMs / hung).toBeLessThan(12_000);
    expect(cut / healthy).toBeLessThanOrEqual(0.001);
  });

  test('is the fixed one until fifty answers were seen', () => {
    const { waits, query } = known({ answers: 50 });
    // The older ones count for a little less.
    expect(waits.firstOutput(query)).toEqual({ limitMs: 60_000, source: 'fixed', observations: 49 });
    for (let own = 0; own < 2; own++) wait({ waits, query, takesMs: 500, limitMs: fixedMs });
    expect(waits.firstOutput(query)).toEqual({ limitMs: 2_000, source: 'observed', observations: 51 });
  });

  test('is never above the fixed one, and never under two seconds where that is not', () => {
    const ends = fc.constantFrom('timeout', 'server', 'lost', 'abort');
    const seen = fc.array(fc.record({ takesMs: fc.nat(200_000), limitMs: fc.nat(200_000), end: ends }), {
      maxLength: 200,
    });
    fc.assert(
      fc.property(seen, fc.integer({ min: 1, max: 100_000 }), (all, ownMs) => {
        const { waits, query } = known({ answers: 60, fixedMs: ownMs });
        for (const own of all) wait({ waits, query, ...own });
        for (const { limitMs, source } of [waits.firstOutput(query), waits.hedge(query)]) {
          expect(limitMs).toBeLessThanOrEqual(ownMs);
          expect(limitMs).toBeGreaterThan(0);
          if (source === 'fixed') expect(limitMs).toBe(ownMs);
        }
        expect(waits.firstOutput(query).limitMs).toBeGreaterThanOrEqual(Math.min(2_000, ownMs));
      }),
    );
  });

  test('does not learn from survivors only: a provider that gets slower is cut a few times, and no more', () => {
    for (const medianMs of [1_800, 6_000, 20_000]) {
      const { waits, query } = playWaits(steady);
      const slower = { world: lognormal({ medianMs, spread: 0.4 }), fixedMs, waits };
      const { cut } = playWaits({ ...slower, requests: 1_000, seed: 2 });
      expect(cut).toBeLessThanOrEqual(15);
      expect(playWaits({ ...slower, requests: 5_000, seed: 3 }).cut).toBeLessThanOrEqual(5);
      expect(waits.firstOutput(query).limitMs).toBeGreaterThan(medianMs * 2);
    }
  });

  test('comes down again once a provider is as quick as before', () => {
    const { waits, query } = playWaits(steady);
    const beforeMs = waits.firstOutput(query).limitMs;
    playWaits({ ...steady, world: lognormal({ medianMs: 6_000, spread: 0.4 }), waits });
    const slowMs = waits.firstOutput(query).limitMs;
    playWaits({ ...steady, requests: 12_000, waits });
    expect(slowMs).toBeGreaterThan(3 * beforeMs);
    expect(waits.firstOutput(query).limitMs).toBeLessThan(1.5 * beforeMs);
  });

  test('is the fixed one after a cut, and comes back once somebody has waited in vain', () => {
    const { waits, query, limit } = known({ answers: 1_000 });
    expect(limit()).toBe(2_000);
    wait({ waits, query, takesMs: Infinity, limitMs: 2_000 });
    expect(limit()).toBe(60_000);
    wait({ waits, query, takesMs: Infinity, limitMs: 60_000 });
    expect(limit()).toBe(2_000);
    for (let cuts = 0; cuts < 8; cuts++) wait({ waits, query, takesMs: Infinity, limitMs: limit() });
    expect(limit()).toBe(2_000);
    for (let cuts = 0; cuts < 2; cuts++) wait({ waits, query, takesMs: Infinity, limitMs: 2_000 });
    expect(limit()).toBe(60_000);
  });

  test.each(['lost', 'abort'] as const)('takes what was %s for "at least so long"', end => {
    const { waits, query, limit } = known();
    wait({ waits, query, takesMs: Infinity, limitMs: 1_500, end });
    expect(limit()).toBe(60_000);
  });

  test('learns nothing from what failed before its first output, nor from a clock that was set back', () => {
    const { waits, query, limit } = known();
    wait({ waits, query, takesMs: Infinity, limitMs: 5_000, end: 'server' });
    wait({ waits, query, takesMs: -5_000, limitMs: fixedMs });
    wait({ waits, query, takesMs: Infinity, limitMs: -5_000, end: 'lost' });
    expect([limit(), waits.firstOutput(query).observations]).toEqual([2_000, 95]);
  });

  test('is kept apart for each model and each kind of request', () => {
    const { waits, query } = known();
    const others: ReadonlyArray<Partial<LimitQuery>> = [
      { identity: {} },
      { type: 'generate' },
      { isThinking: true },
      { isLong: true },
    ];
    for (const other of others)
      expect(waits.firstOutput({ ...query, ...other })).toEqual({
        limitMs: 60_000,
        source: 'fixed',
        observations: 0,
      });
  });

  test('of a hedge is the time in which nineteen of twenty answer', () => {
    const world = mixed({
      usual: () => 500,
      rare: () => 5_000,
      share: 0.04,
    });
    const { waits, query } = playWaits({ world, fixedMs, requests: 2_000, seed: 5 });
    expect(waits.hedge(query)).toEqual({ limitMs: 512, source: 'observed', observations: 865 });
  });

  test('forgets the oldest, and stays in range however much it sees', () => {
    const { waits, query, limit } = known({ answers: 50_000 });
    expect(waits.firstOutput(query).observations).toBe(1_000);
    expect(limit()).toBe(2_000);
  });
});
