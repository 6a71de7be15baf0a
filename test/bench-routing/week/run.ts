/**
 * Simulates a week of traffic on virtual time: `npm run bench:week`. Three providers with outages, drifting latencies and prices,
 * through the library with every default; the same week for every strategy. `--calls=6000`, `--weeks=1`, `--seed=1`, `--only=hedged`;
 * `--full` is three weeks in place of one; `--docs` writes the table into docs/routing-results.md; `--smoke` only looks whether everything runs.
 */
import { writeTables } from '../docs-page.ts';
import { playWeek, type Week } from './play-week.ts';
import { strategies } from './strategies.ts';
import { weekTable } from './week-table.ts';

const flag = (name: string) => process.argv.includes(`--${name}`);
const number = ({ name, otherwise }: { readonly name: string; readonly otherwise: number }) =>
  Number(
    process.argv.find(argument => argument.startsWith(`--${name}=`))?.slice(`--${name}=`.length) ?? otherwise,
  );

const isSmoke = flag('smoke');
const isFull = flag('full');
const calls = number({ name: 'calls', otherwise: isSmoke ? 200 : 6_000 });
const weeks = number({ name: 'weeks', otherwise: isFull ? 3 : 1 });
const seed = number({ name: 'seed', otherwise: 1 });
const only = process.argv.find(argument => argument.startsWith('--only='))?.slice('--only='.length) ?? '';
const chosen = strategies.filter(({ name }) => name.includes(only));

// What the library loads when it is first needed is loaded before: a disk does not wait for virtual time.
for (const strategy of chosen) await playWeek({ strategy, calls: 5, seed });

const rows: Array<{ readonly name: string; readonly weeks: ReadonlyArray<Week> }> = [];
for (const strategy of chosen) {
  const startedAtMs = performance.now();
  const played: Week[] = [];
  for (let week = 0; week < weeks; week++)
    played.push(await playWeek({ strategy, calls, seed: seed + week }));
  rows.push({ name: strategy.name, weeks: played });
  console.error(`${strategy.name}: ${((performance.now() - startedAtMs) / 1_000).toFixed(1)} s`);
}
const text = weekTable(rows);
console.log(text);
if (flag('docs') && !isSmoke) writeTables({ name: 'week', text });
