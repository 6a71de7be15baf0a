import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { startPostgres } from './postgres-server.ts';
import { startRedis } from './redis-server.ts';
import { compose, type SpendingOrder, type Spent, usdOf } from './spending.ts';
import { openStore } from './stores.ts';

const redis = await startRedis();
const postgres = await startPostgres();
afterAll(() => Promise.all([redis.stop(), postgres.stop()]));

const urls = { Redis: `redis://127.0.0.1:${redis.port}`, Postgres: postgres.url };
const processes = 10;
const calls = 1_000;
/** What 3,000 of the 10,000 calls may cost at most, and some 6,000 do. */
const usd = 300;

function start(order: SpendingOrder): {
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
  child.send(order);
  return { child, spent };
}

type Ai = ReturnType<typeof compose>['ai'];

async function standing(ai: Ai): Promise<{ readonly spent: number; readonly held: number }> {
  const [all] = await ai.budgets();
  return { spent: all?.spent?.usd ?? Number.NaN, held: all?.held?.usd ?? Number.NaN };
}

/** Looks at the budget until it is told to stop; answers the most that was ever spent and held. */
function watch(ai: Ai): () => Promise<number> {
  let isOn = true;
  const watching = (async () => {
    let most = 0;
    while (isOn) {
      const { spent, held } = await standing(ai);
      most = Math.max(most, spent + held);
      await sleep(5);
    }
    return most;
  })();
  return () => {
    isOn = false;
    return watching;
  };
}

function quantiles(times: ReadonlyArray<number>): string {
  const sorted = [...times].sort((one, other) => one - other);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return `p50 ${at(0.5).toFixed(2)} ms, p99 ${at(0.99).toFixed(2)} ms`;
}

describe.each(Object.entries(urls))('one budget in %s', (name, url) => {
  test('is not passed by ten processes of 1,000 calls at once, one of which is killed', async () => {
    const { store, close } = openStore({ url, timeoutMs: 60_000 });
    const { ai } = compose({ store, usd });
    const stopWatching = watch(ai);
    const startedAtMs = performance.now();
    const running = Array.from({ length: processes }, () => start({ url, calls, usd }));
    const [victim] = running;
    if (victim === undefined) throw new Error('ten processes');
    await once(victim.child, 'message');
    victim.child.kill('SIGKILL');
    const all = await Promise.all(running.map(({ spent }) => spent));
    const seconds = (performance.now() - startedAtMs) / 1_000;
    const survivors = all.filter(spent => spent !== undefined);
    expect(survivors).toHaveLength(processes - 1);
    expect(survivors.map(({ failed }) => failed)).toEqual(survivors.map(() => 0));
    expect(survivors.some(({ refused }) => refused > 0)).toBe(true);

    const most = await stopWatching();
    const spent = usdOf(survivors.reduce((sum, { tokens }) => sum + tokens, 0));
    const end = await standing(ai);
    expect(most).toBeLessThanOrEqual(usd);
    expect(end.spent + end.held).toBeLessThanOrEqual(usd);
    // What is above the survivors' sum is the victim's: what it settled, and its holds, until their leases are over.
    expect(end.spent + end.held).toBeGreaterThan(spent);
    const answered = survivors.reduce((sum, own) => sum + own.answered, 0);
    console.log(
      `${name}: ${answered} of ${survivors.length * calls} calls answered in ${seconds.toFixed(1)} s with the start of the processes; ` +
        `overshoot 0 (at most $${most.toFixed(4)} of $${usd}); the killed process counts $${(end.spent + end.held - spent).toFixed(4)}`,
    );
    await close();
  });

  test('adds up exactly where nobody is killed', async () => {
    const { store, close } = openStore({ url, timeoutMs: 60_000 });
    const { ai } = compose({ store, usd: 100_000 });
    const before = await standing(ai);
    const running = Array.from({ length: 4 }, () => start({ url, calls: 250, usd: 100_000 }));
    const all = await Promise.all(running.map(({ spent }) => spent));
    const spent = usdOf(all.reduce((sum, own) => sum + (own?.tokens ?? 0), 0));
    let after = await standing(ai);
    for (let time = 0; time < 100 && after.held > before.held; time++) {
      await sleep(100);
      after = await standing(ai);
    }
    expect(after.held).toBeLessThanOrEqual(before.held);
    // Holds of the killed process may have turned into what was spent meanwhile.
    expect(after.spent + after.held).toBeCloseTo(before.spent + before.held + spent, 9);
    await close();
  });

  test('costs a call so much time', async () => {
    const { store, close } = openStore({ url, timeoutMs: 60_000 });
    for (const atOnce of [1, 100])
      for (const [what, own] of [
        ['without', compose({ store: undefined })],
        ['with', compose({ store, usd: 1_000_000 })],
      ] as const) {
        const work = async (count: number) => {
          for (let time = 0; time < count; time++) await own.spend();
        };
        await work(20);
        own.addedMs.length = 0;
        const startedAtMs = performance.now();
        const each = atOnce === 1 ? 400 : 40;
        await Promise.all(Array.from({ length: atOnce }, () => work(each)));
        const perSecond = (atOnce * each) / ((performance.now() - startedAtMs) / 1_000);
        console.log(
          `${name}, ${what} a budget in it, ${atOnce} at once, an instant model: a call ${quantiles(own.addedMs)}; ${perSecond.toFixed(0)} calls a second`,
        );
        expect(own.spent.failed).toBe(0);
      }
    await close();
  });
});
