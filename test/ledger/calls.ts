import type { AttemptReport, CallEndEvent, Cost } from 'ai-composite';

/** A call's end as a composite tells it, with what a test says of it. */
export function callEnd({
  id,
  usdExact = '0.002',
  ...own
}: Partial<Omit<CallEndEvent, 'callId'>> & {
  readonly id: string;
  readonly usdExact?: string;
}): CallEndEvent {
  const attempts = own.attempts ?? [attempt({ cost: priced(usdExact) })];
  return {
    callId: id,
    task: 'chat',
    attempts,
    skipped: [],
    tags: {},
    outcome: 'success',
    startedAtMs: Date.UTC(2026, 10, 10, 12),
    durationMs: 1_000,
    cost: { status: 'priced', usd: Number(usdExact), usdExact, incomplete: 0, count: attempts.length },
    ...(own.outcome === undefined && { candidate: attempts.at(-1)?.candidate ?? '' }),
    ...own,
  };
}

/** An attempt of it. */
export function attempt(own: Partial<AttemptReport> = {}): AttemptReport {
  return {
    attemptNumber: 1,
    candidate: 'acme/one',
    provider: 'acme',
    modelId: 'one',
    outcome: 'success',
    startedAtMs: Date.UTC(2026, 10, 10, 12),
    durationMs: 900,
    firstChunkMs: 200,
    usage: {
      inputTokens: { total: 100, cacheRead: 40, cacheWrite: 10 },
      outputTokens: { total: 20, reasoning: 5 },
    },
    cost: priced('0.002'),
    ...own,
  };
}

/** A cost of one line. */
export function priced(usdExact: string): Cost {
  const usd = Number(usdExact);
  return {
    status: 'priced',
    usd,
    usdExact,
    source: 'catalog',
    priceDate: '2026-11-01',
    priceOf: 'acme/one',
    lineItems: [{ bucket: 'inputTokens', quantity: 100, rate: '20', usd, usdExact }],
  };
}

/** A cost without a price. */
export const unpriced: Cost = { status: 'unknown', lineItems: [], hint: 'No price is known.' };
