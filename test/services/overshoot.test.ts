import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';
import type { StateStore } from '../../src/state/store.ts';
import { startPostgres } from './postgres-server.ts';
import { startRedis } from './redis-server.ts';
import { type Spending, type Spent, scope } from './spending.ts';
import { openStore } from './stores.ts';

const redis = await startRedis();
const postgres = await startPostgres();
afterAll(() => Promise.all([redis.stop(), postgres.stop()]));

const urls = { Redis: `redis://127.0.0.1:${redis.port}`, Postgres: postgres.url };
/** A hundredth of a cent, in atto-USD. */
const amount = 100_000_000_000_000n;
const processes = 10;
const calls = 1_000;
const leaseMs = 5_000;

function start(spending: Spending): {
  readonly child: ChildProcess;
  readonly spent: Promise<Spent | undefined>;
} {
  const child = fork(path.join(import.meta.dirname, 'spending-process.ts'), [], {
    execArgv: ['--conditions=ai-composite-source', '--no-warnings'],
  });
  const spent = new Promise<Spent | undefined>(resolve => {
    child.on('message', message => {
      // Everything else that it tells is how it went.
      if (message !== 'in the middle') resolve(message as Spent);
    });
    child.once('exit', () => resolve(undefined));
  });
  child.send(spending);
  return { child, spent };
}

/** Looks at the budget until it is told to stop; answers the most that was ever used. */
function watch(store: StateStore): () => Promise<bigint> {
  let isOn = true;
  const watching = (async () => {
    let most = 0n;
    while (isOn) {
      const [standing] = await store.standings([{ scope }]);
      if (standing !== undefined && standing.used > most) most = standing.used;
      await sleep(5);
    }
    return most;
  })();
  return () => {
    isOn = false;
    return watching;
  };
}

function quantile({
  sorted,
  share,
}: {
  readonly sorted: ReadonlyArray<number>;
  readonly share: number;
}): string {
  return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN).toFixed(1);
}

describe.each(Object.entries(urls))('one budget in %s', (name, url) => {
  test('is not passed by ten processes of 1,000 calls at once, one of which is killed', async () => {
    const { store, close } = openStore({ url, timeoutMs: 60_000 });
    // So much that some 3,000 of the 10,000 calls fit, going by their worst case.
    const limit = amount * 3_000n;
    const stopWatching = watch(store);
    const startedAtMs = performance.now();
    const running = Array.from({ length: processes }, () =>
      start({ url, calls, amount: String(amount), limit: String(limit), leaseMs }),
    );
    const [victim] = running;
    if (victim === undefined) throw new Error('ten processes');
    await once(victim.child, 'message');
    victim.child.kill('SIGKILL');
    const all = await Promise.all(running.map(({ spent }) => spent));
    const seconds = (performance.now() - startedAtMs) / 1_000;
    const survivors = all.filter(spent => spent !== undefined);
    expect(survivors).toHaveLength(processes - 1);
    expect(survivors.every(({ away }) => away === 0)).toBe(true);

    const most = await stopWatching();
    const settled = survivors.reduce((sum, spent) => sum + BigInt(spent.settled), 0n);
    const [end] = await store.standings([{ scope }]);
    expect(most).toBeLessThanOrEqual(limit);
    expect(end?.used).toBeLessThanOrEqual(limit);
    // What is above the survivors' sum is the victim's: what it settled, and its holds.
    expect(end?.used).toBeGreaterThanOrEqual(settled);
    const victims = (end?.used ?? 0n) - settled;
    expect(victims).toBeGreaterThan(0n);
    await sleep(leaseMs + 1_000);
    const [later] = await store.standings([{ scope }]);
    expect(later).toEqual({ scope, used: end?.used, held: 0n });

    const held = survivors.reduce((sum, spent) => sum + spent.held, 0);
    const sorted = survivors.flatMap(({ holdMs }) => holdMs).sort((one, other) => one - other);
    console.log(
      `${name}: ${held} of ${survivors.length * calls} calls held in ${seconds.toFixed(1)} s with the start of the processes; ` +
        `overshoot 0 (used at most ${most} of ${limit}); the killed process counts for ${victims / amount} worst cases; ` +
        `a hold with all at once: p50 ${quantile({ sorted, share: 0.5 })} ms, p99 ${quantile({ sorted, share: 0.99 })} ms`,
    );
    await close();
  });

  test('adds up exactly where nobody is killed', async () => {
    const { store, close } = openStore({ url, timeoutMs: 60_000 });
    const [before] = await store.standings([{ scope }]);
    const limit = amount * 1_000_000n;
    const running = Array.from({ length: 4 }, () =>
      start({ url, calls: 250, amount: String(amount + 7n), limit: String(limit), leaseMs: 60_000 }),
    );
    const all = await Promise.all(running.map(({ spent }) => spent));
    const settled = all.reduce((sum, spent) => sum + BigInt(spent?.settled ?? 0), 0n);
    const [after] = await store.standings([{ scope }]);
    expect(after).toEqual({ scope, used: (before?.used ?? 0n) + settled, held: 0n });
    await close();
  });

  test('holds so many a second', async () => {
    const { store, close } = openStore({ url, timeoutMs: 60_000 });
    const claims = (scope: string) => [{ scope, amount: 1n, keepMs: 3_600_000 }];
    for (const [what, scopeOf] of [
      ['one budget', () => 'speed'],
      ['1,000 budgets', (index: number) => `speed ${index % 1_000}`],
    ] as const)
      for (const atOnce of [1, 100]) {
        const times: number[] = [];
        const startedAtMs = performance.now();
        let left = atOnce === 1 ? 300 : 3_000;
        const work = async (): Promise<void> => {
          while (left-- > 0) {
            const id = crypto.randomUUID();
            const scope = scopeOf(left);
            const heldAtMs = performance.now();
            await store.hold({ id, claims: claims(scope), leaseMs: 60_000 });
            times.push(performance.now() - heldAtMs);
            await store.settle({ id, amounts: [{ scope, amount: 1n }] });
          }
        };
        await Promise.all(Array.from({ length: atOnce }, work));
        const perSecond = times.length / ((performance.now() - startedAtMs) / 1_000);
        const sorted = times.sort((one, other) => one - other);
        console.log(
          `${name}, ${what}, ${atOnce} at once: ${perSecond.toFixed(0)} holds and settlements a second; ` +
            `a hold p50 ${quantile({ sorted, share: 0.5 })} ms, p99 ${quantile({ sorted, share: 0.99 })} ms`,
        );
        expect(times.length).toBeGreaterThan(0);
      }
    await close();
  });
});
