import { openLedger } from 'ai-composite/ledger';
import { expect, test } from 'vitest';
import { createManualClock } from '../fallback/manual-clock.ts';
import { attempt, callEnd, priced, unpriced } from './calls.ts';

const now = Date.UTC(2026, 10, 20);

async function all(lines: AsyncIterable<string>): Promise<ReadonlyArray<string>> {
  const found: string[] = [];
  for await (const line of lines) found.push(line);
  return found;
}

async function filled() {
  const ledger = await openLedger({ database: ':memory:', clock: createManualClock(now) });
  ledger.onCallEnd(callEnd({ id: '1', usdExact: '0.002', tags: { team: '=cmd|"x"' }, task: '=1+1' }));
  ledger.onCallEnd(
    callEnd({
      id: '2',
      startedAtMs: Date.UTC(2026, 10, 11),
      attempts: [
        attempt({
          outcome: 'failure',
          failureKind: 'server',
          cost: { ...priced('0'), lineItems: [], source: 'not-billed' },
        }),
        attempt({ attemptNumber: 2, modelId: 'new', cost: unpriced }),
      ],
      cost: { status: 'lower-bound', usd: 0, usdExact: '0', incomplete: 1, count: 2 },
    }),
  );
  await ledger.flush();
  return ledger;
}

test('a bill as CSV has the columns of FOCUS, exact amounts, and nothing where no price is known', async () => {
  const ledger = await filled();
  const lines = (await all(ledger.csv({ billingAccountId: 'acme-1' }))).map(line => line.trimEnd());
  const names = lines[0]?.split(',') ?? [];
  const rows = lines.slice(1).map(line => {
    const cells = line.match(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)?.map(cell => cell.replace(/,$/, '')) ?? [];
    return Object.fromEntries(names.map((name, index) => [name, cells[index] ?? '']));
  });
  const known = (row: object | undefined) =>
    Object.fromEntries(Object.entries(row ?? {}).filter(([, cell]) => cell !== ''));
  expect(known(rows[2])).toEqual({
    BilledCost: '0.002',
    BillingAccountId: 'acme-1',
    BillingCurrency: 'USD',
    BillingPeriodStart: '2026-11-01T00:00:00.000Z',
    BillingPeriodEnd: '2026-12-01T00:00:00.000Z',
    ChargeCategory: 'Usage',
    ChargeDescription: '"one, inputTokens"',
    ChargeFrequency: 'Usage-Based',
    ChargePeriodStart: '2026-11-10T12:00:00.000Z',
    ChargePeriodEnd: '2026-11-10T12:00:00.900Z',
    ConsumedQuantity: '100',
    ConsumedUnit: 'Tokens',
    ContractedCost: '0.002',
    ContractedUnitPrice: '0.00002',
    EffectiveCost: '0.002',
    InvoiceIssuerName: 'acme',
    ListCost: '0.002',
    ListUnitPrice: '0.00002',
    PricingCategory: 'Standard',
    PricingQuantity: '100',
    PricingUnit: 'Tokens',
    ProviderName: 'acme',
    PublisherName: 'acme',
    ServiceCategory: 'AI and Machine Learning',
    ServiceName: 'acme',
    ServiceSubcategory: 'Generative AI',
    SkuId: 'acme/one',
    SkuMeter: 'inputTokens',
    SkuPriceId: 'acme/one:inputTokens',
    Tags: '"{""team"":""=cmd|\\""x\\""""}"',
    x_CallId: '1',
    x_Attempt: '1',
    x_Task: "'=1+1",
    x_Candidate: 'acme/one',
    x_Model: 'one',
    x_Outcome: 'success',
    x_CostStatus: 'priced',
    x_CostSource: 'catalog',
    x_PriceDate: '2026-11-01',
    x_ConsumedTokens: '100',
  });
  expect(
    rows.map(row => [row.x_CallId, row.x_Attempt, row.BilledCost, row.x_CostStatus, row.x_ConsumedTokens]),
  ).toEqual([
    ['2', '1', '0', 'priced', '120'],
    ['2', '2', '', 'unknown', '120'],
    ['1', '1', '0.002', 'priced', '100'],
  ]);
  expect(rows[1]?.ConsumedQuantity).toBe('');
  await ledger.close();
});

test('all calls come as JSON lines, the latest first, however many there are', async () => {
  const ledger = await openLedger({
    database: ':memory:',
    clock: createManualClock(now),
    maxBuffered: 10_000,
  });
  for (let id = 0; id < 2_300; id++)
    ledger.onCallEnd(callEnd({ id: String(id), startedAtMs: Date.UTC(2026, 10, 10) + (id % 1_100) }));
  await ledger.flush();
  const ids = new Set<string>();
  let last = Number.POSITIVE_INFINITY;
  for await (const line of ledger.jsonLines({ to: now })) {
    const { callId, startedAtMs } = JSON.parse(line);
    expect(startedAtMs).toBeLessThanOrEqual(last);
    last = startedAtMs;
    ids.add(callId);
  }
  expect(ids.size).toBe(2_300);
  await ledger.close();
});
