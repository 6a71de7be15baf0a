import { type Bench, type Check, holds, longMs, read, same } from './bench.ts';

/** Numbers that are the same in every run. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** One call: holds its worst case, lives for a while, and settles less, or dies. */
async function call({
  bench: { store, id },
  scopes,
  limit,
  random,
}: {
  readonly bench: Bench;
  readonly scopes: ReadonlyArray<string>;
  readonly limit: bigint;
  readonly random: () => number;
}): Promise<bigint> {
  const own = id();
  const amount = BigInt(1 + Math.floor(random() * 50));
  const spent = BigInt(Math.floor(random() * (Number(amount) + 1)));
  const [lives, twice] = [random() > 0.2, random() > 0.7];
  const request = {
    id: own,
    claims: scopes.map(scope => ({ scope, amount, limit, keepMs: longMs })),
    leaseMs: longMs,
  };
  const { outcome, standings } = await store.hold(request);
  for (const { used } of standings)
    holds({ that: used <= limit, why: `${used} is used of a limit of ${limit}` });
  if (outcome === 'denied') return 0n;
  if (twice) await store.hold(request);
  await store.renew({ id: own, scopes, leaseMs: longMs });
  // One that dies leaves its whole hold behind.
  if (!lives) return amount;
  const amounts = scopes.map(scope => ({ scope, amount: spent }));
  await store.settle({ id: own, amounts });
  if (twice) await store.settle({ id: own, amounts });
  return spent;
}

/** What every store has to keep in any order of events. */
export const interleavingChecks: Readonly<Record<string, Check>> = {
  'adds up to what was spent, and never passes the limit, whatever calls do at the same time':
    async bench => {
      const random = createRandom(20_261_128);
      const scopes = [bench.name('day'), bench.name('customer')];
      const calls = Array.from({ length: 150 }, () => call({ bench, scopes, limit: 1_000n, random }));
      const spent = (await Promise.all(calls)).reduce((sum, amount) => sum + amount, 0n);
      for (const scope of scopes)
        same({
          actual: (await read({ store: bench.store, scope })).used,
          expected: spent,
          why: 'it is the sum of what was settled, and of the holds of those who died',
        });
    },
};
