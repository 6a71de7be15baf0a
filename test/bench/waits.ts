import { createWaits } from '../../src/state/observed/waits.ts';
import { wait } from '../state/play-waits.ts';
import { waitTable } from '../state/wait-table.ts';
import { lognormal, seeded } from '../state/wait-worlds.ts';

// What limits that learn cut and spare, on simulated providers: `node test/bench/waits.ts`. The first table is the one of
// docs/timeouts.md; the second says why long inputs are a kind of their own.
const lines = [
  ['Provider', 'Fixed limit', 'Learned limit', 'Cut of 1,000', 'Silent for a while', 'Silent now and then'],
  Array(6).fill('---'),
  ...waitTable(),
];
console.log(lines.map(cells => `| ${cells.join(' | ')} |`).join('\n'));
for (const every of [50, 500])
  for (const isKeptApart of [false, true]) {
    const { shortLimitMs, longCut, longHealthy } = longInputs({ every, isKeptApart });
    console.log(
      `\n1 long input in ${every}, ${isKeptApart ? 'kept apart' : 'among the others'}: short ones are cut after ${shortLimitMs} ms; ${longCut} of ${longHealthy} long ones were cut`,
    );
  }

/**
 * What it is worth to keep long inputs apart: of an agent whose provider reads 8,000 tokens a second, one request in `every`
 * is of 150,000 tokens, the others are of 2,000.
 */
function longInputs({ every, isKeptApart }: { readonly every: number; readonly isKeptApart: boolean }): {
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
  for (let index = 0; index < 20_000; index++) {
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
