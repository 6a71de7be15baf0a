import { longInputs, waitTable } from '../state/wait-table.ts';

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
