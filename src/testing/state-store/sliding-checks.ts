import { type Check, holds, leaseMs, longMs, place, read, same } from './bench.ts';

const slidingMs = 2_000;

/** What every store has to do with scopes that slide, by the sentences that say it. */
export const slidingChecks: Readonly<Record<string, Check>> = {
  'lets go of what is older than the window of a sliding scope, and says when there is room': async bench => {
    const scope = bench.name('requests');
    const claim = { scope, slidingMs, amount: 1n, limit: 2n, keepMs: longMs };
    await place({ bench, claim });
    await bench.pass(700);
    await place({ bench, claim });
    const denied = await place({ bench, claim });
    const waitMs = denied.standing?.retryAfterMs ?? -1;
    holds({ that: !denied.isHeld, why: 'two of two are used' });
    holds({
      that: waitMs > 0 && waitMs <= 1_300,
      why: `the first one leaves within 1,300 ms, not ${waitMs}`,
    });
    const muchMore = await place({ bench, claim: { ...claim, amount: 2n } });
    const longerMs = muchMore.standing?.retryAfterMs ?? -1;
    holds({ that: longerMs > waitMs && longerMs <= slidingMs, why: 'for two, both have to leave' });
    const never = await place({ bench, claim: { ...claim, amount: 3n } });
    same({
      actual: never.standing,
      expected: { scope, used: 2n, held: 0n },
      why: 'what is above the limit by itself never fits, so there is nothing to wait for',
    });
    await bench.pass(waitMs + 50);
    holds({ that: (await place({ bench, claim })).isHeld, why: 'the first one has left' });
    holds({ that: !(await place({ bench, claim })).isHeld, why: 'the second one has not' });
  },

  'settles in a sliding scope where the hold was, while that is in the window': async bench => {
    const scope = bench.name('tokens');
    const claim = { scope, slidingMs, amount: 80n, limit: 100n, keepMs: longMs };
    const first = await place({ bench, claim });
    same({
      actual: await bench.store.settle({ id: first.id, amounts: [{ scope, slidingMs, amount: 30n }] }),
      expected: [{ scope, used: 30n, held: 0n }],
      why: 'what was not used is free again',
    });
    const second = await place({ bench, claim: { ...claim, amount: 70n } });
    holds({ that: second.isHeld, why: 'there is room' });
    await bench.pass(slidingMs + 100);
    same({
      actual: await bench.store.settle({ id: second.id, amounts: [{ scope, slidingMs, amount: 90n }] }),
      expected: [{ scope, used: 0n, held: 0n }],
      why: 'what has left the window does not come back',
    });
  },

  'counts what many hold in a sliding scope at once': async bench => {
    const scope = bench.name('burst');
    const claim = { scope, slidingMs, amount: 1n, limit: 40n, keepMs: longMs };
    const placed = await Promise.all(Array.from({ length: 100 }, () => place({ bench, claim })));
    holds({
      that: placed.filter(({ isHeld }) => isHeld).length >= 40,
      why: 'as many as fit are held',
    });
    const { used } = await read({ store: bench.store, scope, slidingMs });
    holds({ that: used <= 40n, why: 'never more than the limit within the window' });
    await bench.pass(slidingMs + 200);
    same({
      actual: await read({ store: bench.store, scope, slidingMs }),
      expected: { used: 0n, held: 0n },
      why: 'all of it leaves',
    });
  },

  'forgets the holds of a sliding scope whose leases are over': async bench => {
    const scope = bench.name('crashed');
    const claim = { scope, slidingMs: longMs, amount: 5n, limit: 10n, keepMs: longMs };
    const { id } = await place({ bench, claim, for: leaseMs });
    await bench.pass(leaseMs + 300);
    const { used } = await read({ store: bench.store, scope, slidingMs: longMs });
    same({ actual: used, expected: 5n, why: 'it counts as long as it is in the window' });
    same({
      actual: await bench.store.settle({ id, amounts: [{ scope, slidingMs: longMs, amount: 1n }] }),
      expected: [{ scope, used: 5n, held: 0n }],
      why: 'and cannot be settled any more',
    });
  },
};
