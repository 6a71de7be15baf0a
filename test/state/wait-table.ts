import { playWaits } from './play-waits.ts';
import { changing, mixed, silence, worlds } from './wait-worlds.ts';

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

function perThousand({ cut, healthy }: { readonly cut: number; readonly healthy: number }): string {
  return ((1_000 * cut) / healthy).toFixed(2);
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
