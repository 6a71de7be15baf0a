import { playWaits } from './play-waits.ts';
import { changing, mixed, silence, worlds } from './wait-worlds.ts';

const requests = 20_000;

/** The providers of the table. */
export const waitNames: ReadonlyArray<string> = Object.keys(worlds);

/** The table of docs/timeouts.md, or some lines of it, a list of cells a line: what limits that learn cut, and what they spare. */
export function waitTable(names = waitNames): ReadonlyArray<ReadonlyArray<string>> {
  const wanted = Object.entries(worlds).filter(([name]) => names.includes(name));
  return wanted.map(([name, { world, fixedMs }]) => {
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
