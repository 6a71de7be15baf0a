import { createWaits } from '../../src/state/waits.ts';
import { playWaits, wait } from './play-waits.ts';
import { changing, lognormal, mixed, seeded, silence, worlds } from './wait-worlds.ts';

const requests = 20_000;

/** The table of docs/timeouts.md, a list of cells a line: what limits that learn cut, and what they spare. */
export function waitTable(): ReadonlyArray<ReadonlyArray<string>> {
  return Object.entries(worlds).map(([name, { world, fixedMs }]) => {
    const healthy = playWaits({ world, fixedMs, requests, seed: 7 });
    const { limitMs } = healthy.waits.firstOutput(healthy.query);
    const outages = changing({ worlds: [...Array(19).fill(world), silence], every: 100 });
    const now = mixed({ usual: world, rare: silence, share: 0.002 });
    return [
      name,
      seconds(fixedMs),
      seconds(limitMs),
      perThousand(healthy),
      ...[outages, now].map(own => {
        const { hungMs, hung } = playWaits({ world: own, fixedMs, requests, seed: 3 });
        return seconds(hungMs / hung);
      }),
    ];
  });
}

/**
 * What it is worth to keep long inputs apart: of an agent whose provider reads 8,000 tokens a second, one request in `every`
 * is of 150,000 tokens, the others are of 2,000.
 */
export function longInputs({
  every,
  isKeptApart,
}: {
  readonly every: number;
  readonly isKeptApart: boolean;
}): {
  readonly shortLimitMs: number;
  readonly longCut: number;
  readonly longHealthy: number;
} {
  const waits = createWaits();
  const random = seeded(11);
  const base = lognormal({ medianMs: 700, spread: 0.4 });
  const reading = lognormal({ medianMs: 1, spread: 0.25 });
  const query = {
    identity: waits,
    type: 'stream',
    isThinking: true,
    isLong: false,
    fixedMs: 60_000,
  } as const;
  const seen = { longCut: 0, longHealthy: 0 };
  for (let index = 0; index < requests; index++) {
    const isLong = random() < 1 / every;
    const own = { ...query, isLong: isLong && isKeptApart };
    const takesMs = base({ random, index }) + ((isLong ? 150_000 : 2_000) / 8) * reading({ random, index });
    const { limitMs } = waits.firstOutput(own);
    if (isLong && takesMs < query.fixedMs) {
      seen.longHealthy += 1;
      if (takesMs > limitMs) seen.longCut += 1;
    }
    wait({ waits, query: own, takesMs, limitMs });
  }
  return { shortLimitMs: waits.firstOutput(query).limitMs, ...seen };
}

function perThousand({ cut, healthy }: { readonly cut: number; readonly healthy: number }): string {
  return ((1_000 * cut) / healthy).toFixed(2);
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
