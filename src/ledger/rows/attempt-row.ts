import type { Cost } from '../../cost/index.ts';
import type { AttemptReport, ClassificationReport, CompositeMetadata } from '../../report/report.ts';
import { amountOf } from './amount.ts';
import { plainJson, plainText } from './plain-text.ts';
import { timeStep } from './time-step.ts';

/** One attempt as the ledger keeps it, keys named as its columns. */
export type AttemptRow = {
  readonly call_id: string;
  /** `1`, `2`, ... in the call; `2.1` is the first of the composite that the second asked; `classify` found the task. */
  readonly n: string;
  /** 1 where the cost is its own; 0 where it is that of the rows of a nested composite. */
  readonly is_leaf: number;
  /** 1 on the one row in which the call itself is counted: the attempt that answered, else the last. */
  readonly counts_call: number;
  readonly candidate: string;
  readonly provider: string;
  readonly model: string;
  readonly outcome: string;
  readonly failure_kind: string;
  readonly status_code: number | null;
  readonly started_at: number;
  readonly duration_ms: number | null;
  readonly first_chunk_ms: number | null;
  readonly duration_step: number | null;
  readonly first_chunk_step: number | null;
  readonly input_tokens: number;
  readonly cache_read_tokens: number;
  readonly cache_write_tokens: number;
  readonly output_tokens: number;
  readonly reasoning_tokens: number;
  readonly cost_status: string;
  readonly usd: string | null;
  readonly nano_usd: number;
  readonly atto_usd: number;
  readonly cost_source: string | null;
  readonly price_date: string | null;
  readonly details: string;
};

/** What of a call its attempts are in. */
type Within = Pick<CompositeMetadata, 'attempts' | 'classification'> & {
  readonly callId: string;
  readonly startedAtMs: number;
  /** What stands before the numbers of attempts of a nested composite. */
  readonly prefix: string;
  /** The candidate of the call itself, whatever a nested composite asks. */
  readonly candidate: string | undefined;
};

/** The rows of a call's attempts, with those of composites among its candidates. */
export function attemptRows({ attempts, classification, ...within }: Within): ReadonlyArray<AttemptRow> {
  const rows = attempts.flatMap(attempt => rowsOf({ attempt, within }));
  return classification === undefined ? rows : [classifyRow({ classification, within }), ...rows];
}

function rowsOf({
  attempt,
  within,
}: {
  readonly attempt: AttemptReport;
  readonly within: Omit<Within, 'attempts' | 'classification'>;
}): ReadonlyArray<AttemptRow> {
  const { callId, prefix, candidate = attempt.candidate } = within;
  const { nested, durationMs, firstChunkMs, startedAtMs, usage, outcome } = attempt;
  const n = `${prefix}${attempt.attemptNumber}`;
  const inside =
    nested === undefined ? [] : attemptRows({ ...nested, callId, startedAtMs, candidate, prefix: `${n}.` });
  const row: AttemptRow = {
    call_id: callId,
    n,
    is_leaf: inside.length === 0 ? 1 : 0,
    counts_call: 0,
    candidate: plainText(candidate),
    provider: plainText(attempt.provider),
    model: plainText(attempt.modelId),
    outcome,
    failure_kind: attempt.failureKind ?? '',
    status_code: attempt.statusCode ?? null,
    started_at: Math.round(startedAtMs),
    duration_ms: Math.round(durationMs),
    first_chunk_ms: firstChunkMs === undefined ? null : Math.round(firstChunkMs),
    duration_step: outcome === 'success' ? timeStep(durationMs) : null,
    first_chunk_step: firstChunkMs === undefined ? null : timeStep(firstChunkMs),
    input_tokens: usage?.inputTokens.total ?? 0,
    cache_read_tokens: usage?.inputTokens.cacheRead ?? 0,
    cache_write_tokens: usage?.inputTokens.cacheWrite ?? 0,
    output_tokens: usage?.outputTokens.total ?? 0,
    reasoning_tokens: usage?.outputTokens.reasoning ?? 0,
    ...costColumns({ cost: attempt.cost, recovery: attempt.recovery }),
  };
  return [row, ...inside];
}

function classifyRow({
  classification: { provider, modelId, outcome, failureKind, statusCode, cost },
  within: { callId, prefix, startedAtMs, candidate },
}: {
  readonly classification: ClassificationReport;
  readonly within: Omit<Within, 'attempts' | 'classification'>;
}): AttemptRow {
  return {
    call_id: callId,
    n: `${prefix}classify`,
    is_leaf: 1,
    counts_call: 0,
    candidate: plainText(candidate ?? ''),
    provider: plainText(provider),
    model: plainText(modelId),
    outcome,
    failure_kind: failureKind ?? '',
    status_code: statusCode ?? null,
    started_at: Math.round(startedAtMs),
    duration_ms: null,
    first_chunk_ms: null,
    duration_step: null,
    first_chunk_step: null,
    input_tokens: 0,
    cache_read_tokens: 0,
    cache_write_tokens: 0,
    output_tokens: 0,
    reasoning_tokens: 0,
    ...costColumns({ cost }),
  };
}

function costColumns({
  cost: { status, usdExact, source, priceDate, priceOf, flags, hint, lineItems },
  recovery,
}: {
  readonly cost: Cost;
  readonly recovery?: AttemptReport['recovery'];
}): Pick<
  AttemptRow,
  'cost_status' | 'usd' | 'nano_usd' | 'atto_usd' | 'cost_source' | 'price_date' | 'details'
> {
  const { nanoUsd, attoUsd } = amountOf(usdExact);
  return {
    cost_status: status,
    usd: usdExact ?? null,
    nano_usd: nanoUsd,
    atto_usd: attoUsd,
    cost_source: source ?? null,
    price_date: priceDate ?? null,
    details: plainJson({ priceOf, flags, hint, lineItems, recovery }),
  };
}
