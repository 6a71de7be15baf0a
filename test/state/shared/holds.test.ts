import { type HoldRequest, memoryState } from 'ai-composite';
import { describe, expect, test } from 'vitest';
import { connect } from '../../../src/state/shared/connection.ts';
import { createManualClock, settle } from '../../fallback/manual-clock.ts';
import { remoteStore } from '../remote-store.ts';

const scope = 'day';
const window = [{ scope }];

function open() {
  const clock = createManualClock();
  const near = memoryState({ clock });
  const store = remoteStore(near);
  const told: string[] = [];
  const connection = connect({ store, clock });
  const holds = connection.holds.of({
    onAway: error => told.push(error instanceof Error ? error.name : 'away'),
    onBack: awayMs => told.push(`back after ${awayMs}`),
  });
  const request = ({ id, amount = 6n }: { readonly id: string; readonly amount?: bigint }): HoldRequest => ({
    id,
    claims: [{ scope, amount, limit: 10n, keepMs: 600_000 }],
    leaseMs: 60_000,
  });
  const hold = ({
    whenAway = 'stop',
    ...own
  }: {
    readonly id: string;
    readonly amount?: bigint;
    readonly whenAway?: 'stop' | 'allow';
  }) => holds.hold({ ...request(own), whenAway });
  const pay = ({ id, amount }: { readonly id: string; readonly amount: bigint }) =>
    holds.settle({ id, amounts: [{ scope, amount }] });
  const standing = () => near.standings(window)[0];
  /** Lets the store be asked again. */
  const pass = async (ms: number) => {
    await clock.advance(ms);
    connection.keepUp();
    await clock.advance(1_000);
    await settle();
  };
  return { clock, store, told, holds, hold, pay, standing, pass };
}

describe('holds in a store that is away', () => {
  test('are away at once where it refuses, and it is told once', async () => {
    const { store, told, hold, holds, pay } = open();
    store.mode = 'refuses';
    for (let time = 0; time < 20; time++) {
      const { outcome } = await hold({ id: `${time}`, whenAway: time % 2 === 0 ? 'stop' : 'allow' });
      expect(outcome).toBe('away');
      expect(await pay({ id: `${time}`, amount: 0n })).toBeUndefined();
    }
    expect(await holds.standings(window)).toBeUndefined();
    expect(told).toEqual(['Error']);
  });

  test('are waited for as long as the store has time, and no longer', async () => {
    const { clock, store, told, hold } = open();
    store.mode = 'silent';
    const held = Promise.resolve(hold({ id: 'one' }));
    let outcome: string | undefined;
    void held.then(answer => {
      outcome = answer.outcome;
    });
    await clock.advance(999);
    expect(outcome).toBeUndefined();
    await clock.advance(1);
    expect(outcome).toBe('away');
    expect(told).toEqual(['StateTimeoutError']);
    expect(clock.pending()).toBe(0);
  });

  test('are not waited for again within a second where a budget allows it', async () => {
    const { clock, store, hold } = open();
    store.mode = 'silent';
    const first = hold({ id: 'one', whenAway: 'allow' });
    await clock.advance(1_000);
    expect((await first).outcome).toBe('away');
    store.asked.length = 0;
    for (let time = 0; time < 50; time++)
      expect(await hold({ id: `${time}`, whenAway: 'allow' })).toMatchObject({ outcome: 'away' });
    expect(store.asked).toEqual([]);
    await clock.advance(1_000);
    void hold({ id: 'again', whenAway: 'allow' });
    void hold({ id: 'and again', whenAway: 'allow' });
    expect(store.asked).toEqual(['hold']);
  });

  test('of calls that went on all the same are booked once it is back, above the limit too', async () => {
    const { store, told, hold, pay, standing, pass } = open();
    store.mode = 'refuses';
    for (const id of ['a', 'b', 'c']) {
      await hold({ id, whenAway: 'allow' });
      await pay({ id, amount: 5n });
    }
    await hold({ id: 'stopped', whenAway: 'stop' });
    await pay({ id: 'stopped', amount: 0n });
    store.mode = 'there';
    await pass(1_000);
    expect(standing()).toEqual({ scope, used: 15n, held: 0n });
    expect(told.at(-1)).toMatch(/^back after \d+$/);
    expect(await hold({ id: 'next' })).toMatchObject({ outcome: 'denied' });
  });

  test('that were placed before are settled once it is back', async () => {
    const { store, hold, pay, standing, pass } = open();
    await hold({ id: 'a' });
    store.mode = 'refuses';
    expect(await pay({ id: 'a', amount: 2n })).toBeUndefined();
    store.mode = 'there';
    await pass(1_000);
    expect(standing()).toEqual({ scope, used: 2n, held: 0n });
  });

  test.each([
    ['before they are settled', 'early'],
    ['after they were settled', 'afterwards'],
  ] as const)('that arrive late, %s, count once', async (_name, when) => {
    const { clock, store, hold, pay, standing, pass } = open();
    for (const [id, spent] of [
      ['stopped', 0n],
      ['went on', 4n],
    ] as const) {
      store.mode = 'late';
      const held = hold({ id });
      await clock.advance(1_000);
      expect((await held).outcome).toBe('away');
      store.mode = 'there';
      if (when === 'early') store.answerLate();
      await settle();
      await pay({ id, amount: spent });
      await pass(1_000);
      if (when === 'afterwards') store.answerLate();
      await pass(1_000);
    }
    expect(standing()).toEqual({ scope, used: 4n, held: 0n });
  });

  test('whose settlement was done but not answered are settled once', async () => {
    const { clock, store, hold, pay, standing, pass } = open();
    await hold({ id: 'a' });
    store.mode = 'mute';
    const paid = pay({ id: 'a', amount: 3n });
    await clock.advance(1_000);
    expect(await paid).toBeUndefined();
    store.mode = 'there';
    await pass(1_000);
    expect(standing()).toEqual({ scope, used: 3n, held: 0n });
  });

  test('that were placed but not answered are booked for what was used, once', async () => {
    const { clock, store, hold, pay, standing, pass } = open();
    store.mode = 'mute';
    const held = hold({ id: 'a' });
    await clock.advance(1_000);
    expect((await held).outcome).toBe('away');
    store.mode = 'there';
    await pay({ id: 'a', amount: 3n });
    await pay({ id: 'a', amount: 3n });
    await pass(1_000);
    expect(standing()).toEqual({ scope, used: 3n, held: 0n });
  });
});

test('in memory holds answer at once', () => {
  const clock = createManualClock();
  const { holds } = connect({ store: memoryState({ clock }), clock });
  const own = holds.of(undefined);
  const claims = [{ scope, amount: 6n, limit: 10n, keepMs: 1_000 }];
  expect(own.hold({ id: 'a', claims, leaseMs: 1_000, whenAway: 'stop' })).toEqual({
    outcome: 'held',
    standings: [{ scope, used: 6n, held: 6n }],
  });
  own.renew({ id: 'a', scopes: [scope], leaseMs: 1_000 });
  expect(own.settle({ id: 'a', amounts: [{ scope, amount: 1n }] })).toEqual([{ scope, used: 1n, held: 0n }]);
  expect(own.standings(window)).toEqual([{ scope, used: 1n, held: 0n }]);
  expect(clock.pending()).toBe(0);
});
