import { type Check, holds, leaseMs, longMs, place, read, same } from './bench.ts';

/** What every store has to do with holds, by the sentences that say it. */
export const holdChecks: Readonly<Record<string, Check>> = {
  'holds up to the limit, and denies what would pass it': async bench => {
    const claim = { scope: bench.name('day'), amount: 6n, limit: 10n, keepMs: longMs };
    const first = await place({ bench, claim });
    same({
      actual: first.standing,
      expected: { scope: claim.scope, used: 6n, held: 6n },
      why: 'a hold answers where its scope stands with it',
    });
    const second = await place({ bench, claim });
    same({
      actual: [second.isHeld, second.standing],
      expected: [false, { scope: claim.scope, used: 6n, held: 6n }],
      why: 'a denial answers where its scope stands without it',
    });
    const fits = await place({ bench, claim: { ...claim, amount: 4n } });
    holds({ that: fits.isHeld, why: 'exactly the limit is not above it' });
    const nothing = await place({ bench, claim: { ...claim, amount: 0n } });
    holds({ that: nothing.isHeld, why: 'nothing always fits' });
  },

  'holds in every scope or in none, whichever of them denies': async bench => {
    const [wide, narrow] = [bench.name('wide'), bench.name('narrow')];
    const claims = [
      { scope: wide, amount: 5n, limit: 100n, keepMs: longMs },
      { scope: narrow, amount: 5n, limit: 7n, keepMs: longMs },
    ];
    const hold = (order: typeof claims) =>
      bench.store.hold({ id: bench.id(), claims: order, leaseMs: longMs });
    same({ actual: (await hold(claims)).outcome, expected: 'held', why: 'both have room' });
    for (const order of [claims, [...claims].reverse()]) {
      const { outcome, standings } = await hold(order);
      same({ actual: outcome, expected: 'denied', why: 'one has no room' });
      same({
        actual: standings,
        expected: order.map(({ scope }) => ({ scope, used: 5n, held: 5n })),
        why: 'a denial answers for all scopes, in the order of the claims, and leaves nothing behind',
      });
    }
    same({
      actual: await read({ store: bench.store, scope: wide }),
      expected: { used: 5n, held: 5n },
      why: 'what was denied is held nowhere',
    });
  },

  'of many holds at once admits exactly what fits': async bench => {
    const claim = { scope: bench.name('rush'), amount: 3n, limit: 100n, keepMs: longMs };
    const placed = await Promise.all(Array.from({ length: 120 }, () => place({ bench, claim })));
    const held = placed.filter(({ isHeld }) => isHeld);
    same({ actual: held.length, expected: 33, why: '33 times 3 fit into 100' });
    await Promise.all(
      held.map(({ id }) => bench.store.settle({ id, amounts: [{ scope: claim.scope, amount: 1n }] })),
    );
    same({
      actual: await read({ store: bench.store, scope: claim.scope }),
      expected: { used: 33n, held: 0n },
      why: 'what was settled is what counts',
    });
  },

  'of many holds in several scopes at once never admits too much, and leaves nothing behind': async bench => {
    const scopes = [bench.name('a'), bench.name('b'), bench.name('c')];
    const limits = [20n, 12n, 7n];
    const answers = await Promise.all(
      Array.from({ length: 60 }, async (_, index) => {
        const claims = scopes.map((scope, which) => ({
          scope,
          amount: 1n,
          limit: limits[which] ?? 0n,
          keepMs: longMs,
        }));
        const order = index % 2 === 0 ? claims : [...claims].reverse();
        return bench.store.hold({ id: bench.id(), claims: order, leaseMs: longMs });
      }),
    );
    const held = BigInt(answers.filter(({ outcome }) => outcome === 'held').length);
    holds({ that: held > 0n && held <= 7n, why: `between 1 and 7 fit, and ${held} were held` });
    for (const scope of scopes)
      same({
        actual: await read({ store: bench.store, scope }),
        expected: { used: held, held },
        why: 'every scope has what was held, and no more',
      });
  },

  'is exact far beyond what a double holds': async bench => {
    const scope = bench.name('exact');
    const amount = 123_456_789_012_345_678_901_234_567n;
    const limit = amount * 3n;
    const claim = { scope, amount, limit, keepMs: longMs };
    const ids = [(await place({ bench, claim })).id, (await place({ bench, claim })).id];
    const tooMuch = await place({ bench, claim: { ...claim, amount: amount + 1n } });
    holds({ that: !tooMuch.isHeld, why: 'one unit above the limit is above it' });
    ids.push((await place({ bench, claim })).id);
    same({
      actual: await read({ store: bench.store, scope }),
      expected: { used: limit, held: limit },
      why: 'sums are exact',
    });
    for (const id of ids) await bench.store.settle({ id, amounts: [{ scope, amount: 999_999_999_999n }] });
    const last = await place({ bench, claim: { ...claim, amount: 1n } });
    same({
      actual: last.standing,
      expected: { scope, used: 2_999_999_999_998n, held: 1n },
      why: 'what carries over and back stays exact',
    });
  },

  'settles once, whatever comes twice': async bench => {
    const scope = bench.name('twice');
    const claim = { scope, amount: 6n, limit: 10n, keepMs: longMs };
    const id = bench.id();
    for (let time = 0; time < 2; time++) {
      const { outcome, standings } = await bench.store.hold({ id, claims: [claim], leaseMs: longMs });
      same({
        actual: [outcome, standings],
        expected: ['held', [{ scope, used: 6n, held: 6n }]],
        why: 'the same hold again is the same hold',
      });
    }
    for (let time = 0; time < 2; time++)
      same({
        actual: await bench.store.settle({ id, amounts: [{ scope, amount: 8n }] }),
        expected: [{ scope, used: 8n, held: 0n }],
        why: 'settling again changes nothing, and more than was held counts',
      });
    same({
      actual: await bench.store.settle({ id: bench.id(), amounts: [{ scope, amount: 100n }] }),
      expected: [{ scope, used: 8n, held: 0n }],
      why: 'a hold that there is not changes nothing',
    });
    const nowhere = bench.name('nowhere');
    same({
      actual: await bench.store.settle({ id, amounts: [{ scope: nowhere, amount: 1n }] }),
      expected: [{ scope: nowhere, used: 0n, held: 0n }],
      why: 'nor does one in a scope that there is not',
    });
  },

  'counts a lease that is over as spent, until somebody settles it': async bench => {
    const scope = bench.name('lease');
    const claim = { scope, amount: 6n, limit: 10n, keepMs: longMs };
    const { id } = await place({ bench, claim, for: leaseMs });
    await bench.pass(leaseMs + 300);
    same({
      actual: await read({ store: bench.store, scope }),
      expected: { used: 6n, held: 0n },
      why: 'nobody knows what became of it, so all of it counts',
    });
    holds({ that: !(await place({ bench, claim })).isHeld, why: 'and what it leaves is what there is' });
    await bench.store.renew({ id, scopes: [scope], leaseMs: longMs });
    same({
      actual: await read({ store: bench.store, scope }),
      expected: { used: 6n, held: 0n },
      why: 'what has expired is not renewed',
    });
    same({
      actual: await bench.store.settle({ id, amounts: [{ scope, amount: 2n }] }),
      expected: [{ scope, used: 2n, held: 0n }],
      why: 'a late settlement says what it was',
    });
  },

  'renews a lease from now on': async bench => {
    const scope = bench.name('renewed');
    const claim = { scope, amount: 6n, keepMs: longMs };
    const { id } = await place({ bench, claim, for: leaseMs });
    await bench.store.renew({ id, scopes: [scope], leaseMs: longMs });
    await bench.store.renew({ id: bench.id(), scopes: [scope, bench.name('none')], leaseMs: longMs });
    await bench.pass(leaseMs + 300);
    same({
      actual: await read({ store: bench.store, scope }),
      expected: { used: 6n, held: 6n },
      why: 'it is still held',
    });
  },

  'only counts where there is no limit': async bench => {
    const scope = bench.name('counted');
    const full = { scope, amount: 10n, limit: 10n, keepMs: longMs };
    await place({ bench, claim: full });
    const { isHeld, standing } = await place({ bench, claim: { scope, amount: 5n, keepMs: longMs } });
    same({
      actual: [isHeld, standing],
      expected: [true, { scope, used: 15n, held: 15n }],
      why: 'no limit denies nothing',
    });
    const denied = await place({ bench, claim: { ...full, amount: 1n } });
    holds({ that: !denied.isHeld, why: 'others still have their limit' });
  },

  'forgets a scope that is not kept any longer': async bench => {
    const scope = bench.name('short');
    await place({ bench, claim: { scope, amount: 5n, keepMs: leaseMs }, for: leaseMs });
    await bench.pass(leaseMs + 300);
    same({
      actual: await read({ store: bench.store, scope }),
      expected: { used: 0n, held: 0n },
      why: 'its time is over',
    });
    const again = await place({ bench, claim: { scope, amount: 1n, limit: 1n, keepMs: Infinity } });
    holds({ that: again.isHeld, why: 'it begins anew' });
    await place({ bench, claim: { scope, amount: 1n, keepMs: leaseMs } });
    await bench.pass(leaseMs + 300);
    same({
      actual: (await read({ store: bench.store, scope })).used,
      expected: 2n,
      why: 'the longest time that it is to be kept counts',
    });
  },
};
