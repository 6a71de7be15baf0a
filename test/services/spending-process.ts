/**
 * One of many processes that spend from one budget: calls, all at once, each of which holds its worst case, lives for a while and
 * settles less. Tells how it went to the process that forked it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../src/boundary/clock.ts';
import { connect } from '../../src/state/connection.ts';
import { type Spending, type Spent, scope } from './spending.ts';
import { openStore } from './stores.ts';

if (process.send !== undefined)
  process.once('message', (spending: Spending) => {
    void spend(spending).then(spent => process.send?.(spent, () => process.exit()));
  });

async function spend({ url, calls, leaseMs, ...spending }: Spending): Promise<Spent> {
  const [amount, limit] = [BigInt(spending.amount), BigInt(spending.limit)];
  const { store } = openStore({ url, timeoutMs: 60_000 });
  await store.standings([{ scope }]);
  const holds = connect({ store, clock: systemClock }).holds.of(undefined);
  const outcomes = { held: 0, denied: 0, away: 0 };
  const holdMs: number[] = [];
  let settled = 0n;

  const call = async (): Promise<void> => {
    const id = crypto.randomUUID();
    const startedAtMs = performance.now();
    const claims = [{ scope, amount, limit, keepMs: 3_600_000 }];
    const { outcome } = await holds.hold({ id, claims, leaseMs, whenAway: 'stop' });
    holdMs.push(performance.now() - startedAtMs);
    outcomes[outcome] += 1;
    if (outcome !== 'held') return;
    if (outcomes.held === 50) process.send?.('in the middle');
    const spent = (amount * BigInt(Math.floor(Math.random() * 1_000))) / 1_000n;
    await sleep(100 + Math.random() * 400);
    await holds.settle({ id, amounts: [{ scope, amount: spent }] });
    settled += spent;
  };

  await Promise.all(Array.from({ length: calls }, call));
  return { ...outcomes, settled: String(settled), holdMs };
}
