import { PGlite } from '@electric-sql/pglite';
import { generateText } from 'ai';
import { createComposite, createCostTracker } from 'ai-composite';
import { type Ledger, openLedger } from 'ai-composite/ledger';
import * as fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createManualClock } from '../fallback/manual-clock.ts';
import { down, scriptedModel, usageOf } from '../fallback/scripted-model.ts';
import { attempt, callEnd, priced, unpriced } from './calls.ts';

let postgres: PGlite;
beforeAll(async () => {
  postgres = await PGlite.create();
}, 120_000);
afterAll(() => postgres.close());

const opened: Ledger[] = [];
afterEach(async () => {
  for (const ledger of opened.splice(0)) await ledger.close();
});

/** An empty ledger of either kind. */
const ledgers: ReadonlyArray<readonly [name: string, open: () => Promise<Ledger>]> = [
  ['SQLite', () => openLedger({ database: ':memory:', clock: createManualClock(now) })],
  [
    'Postgres',
    async () => {
      await postgres.exec('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
      return openLedger({ postgres, clock: createManualClock(now) });
    },
  ],
];

const now = Date.UTC(2026, 10, 20, 18);
const at = (day: number, hour = 12) => Date.UTC(2026, 10, day, hour);

describe.each(ledgers)('a ledger in %s', (_name, openEmpty) => {
  const open = async () => {
    const ledger = await openEmpty();
    opened.push(ledger);
    return ledger;
  };
  const filled = async (calls: ReadonlyArray<Parameters<typeof callEnd>[0]>) => {
    const ledger = await open();
    for (const call of calls) ledger.onCallEnd(callEnd(call));
    await ledger.flush();
    return ledger;
  };

  test('tells what was paid by day, task and tag, exactly', async () => {
    const ledger = await filled([
      { id: '1', startedAtMs: at(10), usdExact: '0.1', tags: { customer: 'a' } },
      { id: '2', startedAtMs: at(10), usdExact: '0.2', tags: { customer: 'a' } },
      { id: '3', startedAtMs: at(11), usdExact: '0.000000000000000001', tags: { customer: 'b', other: 'x' } },
      { id: '4', startedAtMs: at(11), usdExact: '5', task: 'code' },
    ]);
    const names = { status: 'priced' };
    expect(
      (await ledger.spend({ by: ['day', 'task'] })).map(({ day, task, usdExact, calls }) => [
        day,
        task,
        usdExact,
        calls,
      ]),
    ).toEqual([
      ['2026-11-10', 'chat', '0.3', 2],
      ['2026-11-11', 'chat', '0.000000000000000001', 1],
      ['2026-11-11', 'code', '5', 1],
    ]);
    expect(
      (await ledger.spend({ by: ['tag:customer'] })).map(row => [
        row['tag:customer'],
        row.usdExact,
        row.calls,
      ]),
    ).toEqual(
      expect.arrayContaining([
        ['a', '0.3', 2],
        ['b', '0.000000000000000001', 1],
        [undefined, '5', 1],
      ]),
    );
    expect(
      await ledger.spend({ by: ['month'], where: { tags: { customer: 'b', other: 'x' } } }),
    ).toMatchObject([{ month: '2026-11', usdExact: '0.000000000000000001', calls: 1 }]);
    expect(await ledger.spend({ where: { task: 'code' } })).toMatchObject([{ ...names, usdExact: '5' }]);
    expect(await ledger.spend()).toMatchObject([
      {
        ...names,
        usdExact: '5.300000000000000001',
        calls: 4,
        attempts: 4,
        unpriced: 0,
        inputTokens: 400,
        cacheReadTokens: 160,
        cacheWriteTokens: 40,
        outputTokens: 80,
        reasoningTokens: 20,
      },
    ]);
    expect(await ledger.spend({ by: ['day'], where: { task: 'none' } })).toEqual([]);
  });

  test('counts a call from its start, whatever part of a day is asked for', async () => {
    const ledger = await filled(
      [1, 5, 9, 13, 17, 21].map(hour => ({ id: String(hour), startedAtMs: at(10, hour) })),
    );
    const callsIn = async (from: number, to?: number) =>
      (await ledger.spend({ from, ...(to !== undefined && { to }) }))[0]?.calls;
    expect(await callsIn(at(10, 5), at(10, 13))).toBe(2);
    expect(await callsIn(at(9, 5), at(10, 13))).toBe(3);
    expect(await callsIn(at(10, 6))).toBe(4);
    expect(await callsIn(at(9), at(12))).toBe(6);
    expect(await callsIn(at(11), at(12))).toBe(0);
  });

  test('says that a total with unpriced calls is a floor, and none of them alone is known', async () => {
    const ledger = await filled([
      { id: '1', usdExact: '0.5' },
      {
        id: '2',
        attempts: [attempt({ modelId: 'new', cost: unpriced })],
        cost: { status: 'unknown', incomplete: 1, count: 1 },
      },
    ]);
    expect(await ledger.spend()).toMatchObject([
      { status: 'lower-bound', usdExact: '0.5', unpriced: 1, calls: 2 },
    ]);
    const [row] = await ledger.spend({ where: { model: 'new' } });
    expect(row).toMatchObject({ status: 'unknown', unpriced: 1 });
    expect(row).not.toHaveProperty('usd');
  });

  test('tells how well it went', async () => {
    const failed = attempt({
      outcome: 'failure',
      failureKind: 'overloaded',
      statusCode: 529,
      cost: priced('0'),
    });
    const second = attempt({ attemptNumber: 2, candidate: 'acme/two', modelId: 'two', firstChunkMs: 800 });
    const ledger = await filled([
      ...Array.from({ length: 8 }, (_, index) => ({ id: `ok-${index}` })),
      { id: 'fell-back', attempts: [failed, second] },
      { id: 'down', outcome: 'failure', attempts: [failed] },
      { id: 'stopped', outcome: 'abort', attempts: [attempt({ outcome: 'abort' })] },
      { id: 'before', outcome: 'abort', attempts: [] },
    ]);
    expect(await ledger.reliability()).toEqual([
      {
        calls: 12,
        answered: 9,
        aborted: 2,
        successRate: 0.9,
        fallbackRate: 1 / 9,
        attempts: 12,
        failures: { overloaded: 2 },
        firstChunkMs: {
          p50: expect.closeTo(200, -1),
          p90: expect.closeTo(200, -1),
          p99: expect.closeTo(800, -2),
        },
        durationMs: expect.anything(),
      },
    ]);
    const byCandidate = await ledger.reliability({ by: ['candidate'] });
    expect(byCandidate.map(({ candidate, calls, attempts }) => [candidate, calls, attempts])).toEqual([
      ['', 1, 0],
      ['acme/one', 10, 11],
      ['acme/two', 1, 1],
    ]);
  });

  test('counts a call where its least bad answer came from', async () => {
    const failed = { outcome: 'failure', failureKind: 'malformed-response' } as const;
    const ledger = await filled([
      {
        id: 'best',
        startedAtMs: at(10),
        outcome: 'success',
        candidate: 'acme/one',
        attempts: [attempt(failed), attempt({ ...failed, attemptNumber: 2, candidate: 'acme/two' })],
      },
    ]);
    const byCandidate = await ledger.reliability({ by: ['candidate'] });
    expect(byCandidate.map(({ candidate, calls, answered }) => [candidate, calls, answered])).toEqual([
      ['acme/one', 1, 1],
      ['acme/two', 0, 0],
    ]);
  });

  test('gives the calls themselves back, the latest first, a page at a time', async () => {
    const ledger = await filled([
      ...[1, 2, 3, 4, 5].map(hour => ({
        id: String(hour),
        startedAtMs: at(10, hour),
        sessionId: `s${hour % 2}`,
      })),
      { id: 'same time', startedAtMs: at(10, 5) },
    ]);
    const page = await ledger.calls({ limit: 2 });
    expect(page.map(({ callId }) => callId)).toEqual(['same time', '5']);
    const before = page.at(-1);
    if (before === undefined) throw new Error('no call');
    expect((await ledger.calls({ limit: 9, before })).map(({ callId }) => callId)).toEqual([
      '4',
      '3',
      '2',
      '1',
    ]);
    expect((await ledger.calls({ where: { sessionId: 's0' } })).map(({ callId }) => callId)).toEqual([
      '4',
      '2',
    ]);
    expect(await ledger.calls({ where: { callId: '3' } })).toEqual([
      {
        callId: '3',
        task: 'chat',
        candidate: 'acme/one',
        outcome: 'success',
        sessionId: 's1',
        tags: {},
        startedAtMs: at(10, 3),
        durationMs: 1_000,
        cost: { status: 'priced', usd: 0.002, usdExact: '0.002', unpriced: 0 },
        attempts: [
          {
            n: '1',
            candidate: 'acme/one',
            provider: 'acme',
            modelId: 'one',
            outcome: 'success',
            startedAtMs: at(10),
            durationMs: 900,
            firstChunkMs: 200,
            inputTokens: 100,
            cacheReadTokens: 40,
            cacheWriteTokens: 10,
            outputTokens: 20,
            reasoningTokens: 5,
            cost: priced('0.002'),
          },
        ],
      },
    ]);
  });

  test('keeps what a call recovered, and how', async () => {
    const recovered = { offset: 3, parts: [{ candidate: 'acme/one', attemptNumber: 1, offset: 0 }] };
    const recovers = { callId: 'broken', candidate: 'acme/zero', failureKind: 'network' } as const;
    const ledger = await filled([
      {
        id: '1',
        recovered,
        recovers,
        attempts: [attempt(), attempt({ attemptNumber: 2, recovery: 'restart' })],
      },
    ]);
    const [call] = await ledger.calls();
    expect(call).toMatchObject({ recovered, recovers });
    expect(call?.attempts.map(({ recovery }) => recovery)).toEqual([undefined, 'restart']);
  });

  test('keeps names as they are written, and a database never reads them', async () => {
    const name = `x'; DROP TABLE "calls"; -- <img onerror> \\ % é 🙂 \0 \ud800`;
    const ledger = await filled([{ id: '1', task: name, tags: { [name]: name } }]);
    const kept = `x'; DROP TABLE "calls"; -- <img onerror> \\ % é 🙂  \ufffd`;
    expect(await ledger.spend({ by: ['task', `tag:${kept}`] })).toMatchObject([
      { task: kept, [`tag:${kept}`]: kept },
    ]);
    expect(await ledger.calls({ where: { tags: { [kept]: kept } } })).toHaveLength(1);
  });

  test('keeps a call once, however often it is told', async () => {
    const ledger = await filled([{ id: '1' }, { id: '1' }, { id: '2' }]);
    ledger.onCallEnd(callEnd({ id: '2' }));
    await ledger.flush();
    expect(await ledger.spend()).toMatchObject([{ calls: 2, usdExact: '0.004' }]);
  });

  test('adds up to what a tracker says of the same calls, to the digit', async () => {
    const ledger = await open();
    const tracker = createCostTracker();
    const nested = createComposite(
      [
        {
          model: scriptedModel({ id: 'in', turns: [{ error: down }] }),
          price: { inputTokens: 3, outputTokens: 3 },
        },
        {
          model: scriptedModel({ id: 'out', turns: [{ text: ['x'], usage: usageOf(7, 3) }] }),
          price: { inputTokens: 1.23456789, outputTokens: 3 },
        },
      ],
      { attempts: 1 },
    );
    const ai = createComposite({
      tasks: {
        chat: [
          {
            model: scriptedModel({
              id: 'one',
              turns: [{ error: down }, { text: ['x'], usage: usageOf(11, 13) }],
            }),
            price: { inputTokens: 0.1, outputTokens: 0.7 },
          },
          { model: nested, name: 'nested' },
        ],
        free: [scriptedModel({ id: 'unknown', turns: [{ text: ['x'] }] })],
      },
      attempts: 1,
      pricing: { catalog: false, onWarning: () => {} },
      onCallEnd: call => {
        ledger.onCallEnd(call);
        tracker.onCallEnd(call);
      },
    });
    for (let index = 0; index < 12; index++)
      await generateText({ model: ai(index % 4 === 0 ? 'free' : 'chat'), prompt: 'x' });
    await ledger.flush();
    const { total, byTask, byModel } = tracker.snapshot();
    const from = 0;
    const totals = (
      rows: ReadonlyArray<{ readonly status: string; readonly usdExact?: string; readonly unpriced: number }>,
    ) =>
      rows.map(({ status, usdExact, unpriced: incomplete }) => ({
        status,
        ...(usdExact !== undefined && { usdExact }),
        incomplete,
      }));
    expect(totals(await ledger.spend({ from }))).toMatchObject(
      [total].map(({ status, usdExact, incomplete }) => ({ status, usdExact, incomplete })),
    );
    for (const row of await ledger.spend({ from, by: ['task'] }))
      expect(byTask[row.task ?? '']).toMatchObject(totals([row])[0] ?? {});
    for (const row of await ledger.spend({ from, by: ['model'] }))
      expect(byModel[row.model ?? '']).toMatchObject(totals([row])[0] ?? {});
    expect(await ledger.spend({ from, by: ['model'] })).toHaveLength(Object.keys(byModel).length);
  });
});

test('sums are exact and add up, however they are grouped and whichever way a period is cut', async () => {
  const call = fc.record({
    own: fc.bigInt({ min: 0n, max: 10n ** 24n }),
    hour: fc.integer({ min: 0, max: 24 * 9 }),
    task: fc.constantFrom('a', 'b'),
    tag: fc.constantFrom('x', 'y', undefined),
  });
  const property = async (
    calls: ReadonlyArray<{ own: bigint; hour: number; task: string; tag: string | undefined }>,
    cut: number,
  ) => {
    const ledger = await openLedger({ database: ':memory:', clock: createManualClock(now) });
    for (const [index, { own, hour, task, tag }] of calls.entries()) {
      const tags: Readonly<Record<string, string>> = tag === undefined ? {} : { tag };
      const usdExact = decimal(own);
      ledger.onCallEnd(callEnd({ id: String(index), usdExact, task, startedAtMs: at(10, hour), tags }));
    }
    await ledger.flush();
    const sum = async (question: Parameters<Ledger['spend']>[0]) =>
      (await ledger.spend(question)).reduce((total, { usdExact }) => total + atto(usdExact), 0n);
    const total = calls.reduce((sum, { own }) => sum + own, 0n);
    const [period, middle] = [{ from: at(10, 0), to: at(30) }, at(10, cut)];
    expect(await sum(period)).toBe(total);
    expect(await sum({ ...period, by: ['day', 'task', 'tag:tag'] })).toBe(total);
    expect((await sum({ ...period, to: middle })) + (await sum({ ...period, from: middle }))).toBe(total);
    await ledger.close();
  };
  await fc.assert(
    fc.asyncProperty(fc.array(call, { maxLength: 60 }), fc.integer({ min: 0, max: 24 * 9 }), property),
    {
      numRuns: 25,
    },
  );
});

function decimal(atto: bigint): string {
  const digits = atto.toString().padStart(19, '0');
  return `${digits.slice(0, -18)}.${digits.slice(-18)}`;
}

function atto(usdExact = '0'): bigint {
  const [whole = '0', fraction = ''] = usdExact.split('.');
  return BigInt(whole + fraction.padEnd(18, '0'));
}
