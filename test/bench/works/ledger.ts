import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { CallEndEvent } from 'ai-composite';
import { type Ledger, openLedger } from 'ai-composite/ledger';
import type { Effort } from '../measure.ts';
import type { Row, Work } from '../table.ts';

const dayMs = 86_400_000;
const from = Date.UTC(2026, 10, 1);
const days = 30;

/** A ledger in a file of SQLite: how fast a month of calls is written, how large it gets, and how long it takes to look at it. */
export async function measureLedger({ rounds }: Effort): Promise<ReadonlyArray<Work>> {
  const count = rounds < 10 ? 1_000 : rounds < 30 ? 20_000 : 1_000_000;
  const folder = mkdtempSync(path.join(tmpdir(), 'ledger-bench-'));
  const database = path.join(folder, 'costs.db');
  const ledger = await openLedger({ database, maxBuffered: count });
  try {
    const perSecond = await write({ ledger, count });
    const bytes = statSync(database).size / count;
    const period = { from, to: from + days * dayMs };
    const views: ReadonlyArray<readonly [name: string, view: () => Promise<unknown>]> = [
      ['cost by day and model', () => ledger.spend({ ...period, by: ['day', 'model'] })],
      ['cost by day and task', () => ledger.spend({ ...period, by: ['day', 'task'] })],
      [
        'cost by day of one customer',
        () => ledger.spend({ ...period, by: ['day'], where: { tags: { customer: 'c1' } } }),
      ],
      ['cost by customer', () => ledger.spend({ ...period, by: ['tag:customer'] })],
      ['reliability and times by candidate', () => ledger.reliability({ ...period, by: ['candidate'] })],
      ['the latest 100 calls', () => ledger.calls(period)],
      ['the page', () => ledger.page({ ...period, tags: ['customer'] })],
    ];
    const taken: Row[] = [];
    for (const [name, view] of views) taken.push(await timed({ name, view }));
    const size = `${count.toLocaleString('en')} calls of a month, 50 models, 4 tasks, 20 customers`;
    return [
      {
        id: 'ledger-write',
        title: `A ledger in SQLite: writing ${size}`,
        figure: 'amount',
        unit: 'calls a second',
        rows: [amount({ name: 'written', value: perSecond })],
      },
      {
        id: 'ledger-size',
        title: 'A ledger in SQLite: its file',
        figure: 'amount',
        unit: 'bytes a call',
        rows: [amount({ name: 'with its attempts, indexes and days', value: bytes })],
      },
      {
        id: 'ledger-views',
        title: `A ledger in SQLite: looking at ${size}`,
        figure: 'amount',
        unit: 'ms',
        rows: taken,
      },
    ];
  } finally {
    await ledger.close();
    rmSync(folder, { recursive: true });
  }
}

async function write({
  ledger,
  count,
}: {
  readonly ledger: Ledger;
  readonly count: number;
}): Promise<number> {
  const batch = 50_000;
  let tookMs = 0;
  for (let begun = 0; begun < count; begun += batch) {
    const calls = Array.from({ length: Math.min(batch, count - begun) }, (_, index) =>
      callEnd({ index: begun + index, count }),
    );
    const startedAtMs = performance.now();
    for (const call of calls) ledger.onCallEnd(call);
    await ledger.flush();
    tookMs += performance.now() - startedAtMs;
  }
  return (count / tookMs) * 1_000;
}

/** One in twenty fell back. Which model, customer and time is a matter of the call's number. */
function callEnd({ index, count }: { readonly index: number; readonly count: number }): CallEndEvent {
  const startedAtMs = Math.floor(from + days * dayMs * (index / count));
  const model = `model-${(index * 7919) % 50}`;
  const cost = {
    status: 'priced',
    usd: 0.00225,
    usdExact: '0.00225',
    source: 'catalog',
    priceDate: '2026-11-01',
    priceOf: `acme/${model}`,
    lineItems: [
      { bucket: 'inputTokens', quantity: 1_000, rate: '1.25', usd: 0.00125, usdExact: '0.00125' },
      { bucket: 'outputTokens', quantity: 100, rate: '10', usd: 0.001, usdExact: '0.001' },
    ],
  } as const;
  const answered = {
    attemptNumber: 1,
    candidate: `acme/${model}`,
    provider: 'acme',
    modelId: model,
    outcome: 'success',
    startedAtMs,
    durationMs: 500 + ((index * 104_729) % 5_000),
    firstChunkMs: 100 + ((index * 1_299_709) % 900),
    usage: { inputTokens: { total: 1_000, cacheRead: 0 }, outputTokens: { total: 100, reasoning: 0 } },
    cost,
  } as const;
  const { firstChunkMs: _none, usage: _nothing, ...without } = answered;
  const failed = {
    ...without,
    candidate: 'acme/first',
    outcome: 'failure',
    failureKind: 'overloaded',
    statusCode: 529,
  } as const;
  const attempts = index % 20 === 0 ? [failed, { ...answered, attemptNumber: 2 }] : [answered];
  return {
    callId: crypto.randomUUID(),
    task: ['chat', 'code', 'fast', 'deep'][index % 4] ?? 'chat',
    candidate: answered.candidate,
    outcome: 'success',
    attempts,
    skipped: [],
    cost: { status: 'priced', usd: 0.00225, usdExact: '0.00225', incomplete: 0, count: attempts.length },
    tags: { customer: `c${(index * 31) % 20}` },
    startedAtMs,
    durationMs: 3_000,
  };
}

async function timed({
  name,
  view,
}: {
  readonly name: string;
  readonly view: () => Promise<unknown>;
}): Promise<Row> {
  const times: number[] = [];
  for (let round = 0; round < 5; round++) {
    const startedAtMs = performance.now();
    await view();
    times.push(performance.now() - startedAtMs);
  }
  const [low = 0, , median = 0, , high = 0] = times.sort((one, other) => one - other);
  return { name, median, low, high };
}

function amount({ name, value }: { readonly name: string; readonly value: number }): Row {
  return { name, median: value, low: value, high: value };
}
