import type { LineItem } from '../../cost/index.ts';
import type { LedgerAttempt, LedgerCall } from '../questions/calls.ts';
import { csvLine } from './csv.ts';
import { callsIn } from './json-lines.ts';

/** One line of a bill: something that an attempt used, or the attempt itself where nothing is known of what it used. */
type Charge = {
  readonly call: LedgerCall;
  readonly attempt: LedgerAttempt;
  readonly line: LineItem | undefined;
  readonly billingAccountId: string;
};

type Cell = string | number | undefined;

/**
 * The columns, and how each is worked out; own ones begin with `x_`. A row is one kind of token, or of use, of one attempt.
 * Amounts are exact decimals. Where no price is known, amounts, quantities and units are empty, never 0; `x_ConsumedTokens`
 * has the count all the same. Source: FOCUS 1.2, focus.finops.org.
 */
const columns: Readonly<Record<string, (charge: Charge) => Cell>> = {
  BilledCost: amountOf,
  BillingAccountId: ({ billingAccountId }) => billingAccountId,
  BillingAccountName: () => undefined,
  BillingCurrency: () => 'USD',
  BillingPeriodStart: ({ call }) => monthStart({ ms: call.startedAtMs, months: 0 }),
  BillingPeriodEnd: ({ call }) => monthStart({ ms: call.startedAtMs, months: 1 }),
  ChargeCategory: () => 'Usage',
  ChargeClass: () => undefined,
  ChargeDescription: ({ attempt, line }) =>
    `${attempt.modelId}${line === undefined ? '' : `, ${line.bucket}`}`,
  ChargeFrequency: () => 'Usage-Based',
  ChargePeriodStart: ({ attempt }) => timeText(attempt.startedAtMs),
  ChargePeriodEnd: ({ attempt: { startedAtMs, durationMs = 0 } }) => timeText(startedAtMs + durationMs),
  ConsumedQuantity: ({ line }) => (line?.rate === undefined ? undefined : line.quantity),
  ConsumedUnit: unitOf,
  ContractedCost: amountOf,
  ContractedUnitPrice: unitPriceOf,
  EffectiveCost: amountOf,
  InvoiceIssuerName: ({ attempt }) => attempt.provider,
  ListCost: amountOf,
  ListUnitPrice: unitPriceOf,
  PricingCategory: ({ line }) => (line?.rate === undefined ? undefined : 'Standard'),
  PricingQuantity: ({ line }) => (line?.rate === undefined ? undefined : line.quantity),
  PricingUnit: unitOf,
  ProviderName: ({ attempt }) => attempt.provider,
  PublisherName: ({ attempt }) => attempt.provider,
  ServiceCategory: () => 'AI and Machine Learning',
  ServiceName: ({ attempt }) => attempt.provider,
  ServiceSubcategory: () => 'Generative AI',
  SkuId: ({ attempt, line }) => (line?.rate === undefined ? undefined : attempt.cost.priceOf),
  SkuMeter: ({ line }) => line?.bucket,
  SkuPriceId: ({ attempt: { cost }, line }) =>
    line?.rate === undefined || cost.priceOf === undefined ? undefined : `${cost.priceOf}:${line.bucket}`,
  Tags: ({ call }) => JSON.stringify(call.tags),
  x_CallId: ({ call }) => call.callId,
  x_Attempt: ({ attempt }) => attempt.n,
  x_Task: ({ call }) => call.task,
  x_SessionId: ({ call }) => call.sessionId,
  x_Candidate: ({ attempt }) => attempt.candidate,
  x_Model: ({ line, attempt }) => line?.modelId ?? attempt.modelId,
  x_Outcome: ({ attempt }) => attempt.outcome,
  x_FailureKind: ({ attempt }) => attempt.failureKind,
  x_CostStatus: ({ attempt }) => attempt.cost.status,
  x_CostSource: ({ attempt }) => attempt.cost.source,
  x_PriceDate: ({ attempt }) => attempt.cost.priceDate,
  x_CostFlags: ({ attempt }) => attempt.cost.flags?.join(' '),
  x_ConsumedTokens: ({ attempt, line }) => {
    if (line === undefined) return attempt.inputTokens + attempt.outputTokens;
    return isTokens(line) ? line.quantity : undefined;
  },
};

/** A period's bill as CSV with the columns of FOCUS, a line at a time, the latest call first. */
export async function* focusCsv({
  billingAccountId = 'ai-composite',
  ...options
}: Parameters<typeof callsIn>[0] & {
  readonly billingAccountId?: string | undefined;
}): AsyncGenerator<string> {
  yield csvLine(Object.keys(columns));
  for await (const call of callsIn(options))
    for (const attempt of call.attempts.filter(own => !hasAttempts({ call, attempt: own })))
      for (const line of linesOf(attempt))
        yield csvLine(Object.values(columns).map(cell => cell({ call, attempt, line, billingAccountId })));
}

/** A composite among the candidates: what it cost is on the lines of its own attempts. */
function hasAttempts({
  call,
  attempt,
}: {
  readonly call: LedgerCall;
  readonly attempt: LedgerAttempt;
}): boolean {
  return call.attempts.some(({ n }) => n.startsWith(`${attempt.n}.`));
}

function linesOf({ cost: { lineItems } }: LedgerAttempt): ReadonlyArray<LineItem | undefined> {
  return lineItems.length === 0 ? [undefined] : lineItems;
}

function amountOf({ attempt, line }: Charge): Cell {
  return line === undefined ? attempt.cost.usdExact : line.usdExact;
}

function isTokens({ bucket }: LineItem): boolean {
  return bucket.endsWith('Tokens');
}

function unitOf({ line }: Charge): Cell {
  if (line?.rate === undefined) return undefined;
  return isTokens(line) ? 'Tokens' : 'Uses';
}

/** Per token, not per million of them: a price times a quantity is the cost. */
function unitPriceOf({ line }: Charge): Cell {
  if (line?.rate === undefined || !isTokens(line)) return line?.rate;
  const [whole = '0', fraction = ''] = line.rate.split('.');
  const digits = `${whole.padStart(7, '0')}${fraction}`;
  const point = digits.length - fraction.length - 6;
  return `${digits.slice(0, point)}.${digits.slice(point)}`.replace(/^0+(?=\d)/, '').replace(/\.?0+$/, '');
}

function timeText(ms: number): string {
  return new Date(ms).toISOString();
}

function monthStart({ ms, months }: { readonly ms: number; readonly months: number }): string {
  const date = new Date(ms);
  return timeText(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1));
}
