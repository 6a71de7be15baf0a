/**
 * One of many processes that spend from one budget: calls, all at once. Tells how it went to the process that forked it, and when
 * it is in the middle.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { compose, type SpendingOrder, type Spent } from './spending.ts';
import { openStore } from './stores.ts';

process.once('message', (order: SpendingOrder) => {
  void spendAll(order).then(spent => process.send?.(spent, () => process.exit()));
});

async function spendAll({ url, calls, usd }: SpendingOrder): Promise<Spent> {
  const { store } = openStore({ url, timeoutMs: 60_000 });
  const { ai, spend, spent, addedMs } = compose({ store, usd, waitMs: () => 100 + Math.random() * 400 });
  await ai.budgets();
  const watching = (async () => {
    while (spent.answered < 20 && spent.answered + spent.refused < calls) await sleep(1);
    process.send?.('in the middle');
  })();
  await Promise.all(Array.from({ length: calls }, spend));
  await watching;
  await sleep(2_000); // until what is settled beside the calls has arrived
  return { ...spent, addedMs };
}
