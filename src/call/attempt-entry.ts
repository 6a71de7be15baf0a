import { defined } from '../boundary/defined.ts';
import type { Cost } from '../cost/index.ts';
import { InvalidAnswerError } from '../failure/errors.ts';
import type { Failure } from '../failure/failure.ts';
import type { FailureKind } from '../failure/failure-kind.ts';
import { hide } from '../failure/loggable-error.ts';
import type { AttemptEnd } from '../fallback/attempt.ts';
import type { AttemptEndEvent, AttemptStartEvent } from '../report/events.ts';
import {
  type AttemptReport,
  type CompositeMetadata,
  type RecoveryWay,
  readErrorReport,
  readReport,
  type TokenCounts,
} from '../report/report.ts';
import { tripEffectOf } from '../state/breakers/trip-rule.ts';
import type { Away } from '../state/conversations/away.ts';

/**
 * What the books have of one attempt. It may live as long as a result that nobody reads, so nothing of the request or the
 * answer is kept: no prompt, no error, no body.
 */
export type AttemptEntry = {
  readonly attemptNumber: number;
  /** By its name. */
  readonly candidate: string;
  readonly provider: string;
  /** The requested one. */
  readonly modelId: string;
  readonly startedAtMs: number;
  readonly recovery: RecoveryWay | undefined;
  /** The letter that goes with its stamp. */
  readonly away: Away;
  ended: EndFacts | undefined;
  /** The cost, or how to work it out; undefined while the attempt runs or its price is waited for. */
  cost: Cost | (() => Cost) | undefined;
};

/** What is left of an attempt once it has ended. */
type EndFacts = {
  readonly outcome: AttemptEnd['outcome'];
  readonly endedAtMs: number;
  readonly failureKind: FailureKind | undefined;
  readonly judgement: string | undefined;
  /** The failure says something of the candidate's health, not only of this request. */
  readonly isHealthSign: boolean;
  readonly statusCode: number | undefined;
  readonly firstChunkMs: number | undefined;
  readonly usage: AttemptEnd['usage'];
  readonly responseModelId: string | undefined;
  readonly nested: CompositeMetadata | undefined;
};

/** Reads what the books keep of an attempt's end. */
export function endFacts({
  end: { outcome, failure, firstChunkMs, usage, responseModelId, providerMetadata },
  endedAtMs,
}: {
  readonly end: AttemptEnd;
  readonly endedAtMs: number;
}): EndFacts {
  return {
    outcome,
    endedAtMs,
    failureKind: failure?.kind,
    judgement: failure && judgementOf(failure),
    isHealthSign: failure !== undefined && tripEffectOf(failure) !== 'none',
    statusCode: failure?.statusCode,
    firstChunkMs,
    usage,
    responseModelId,
    nested: readReport(providerMetadata) ?? readErrorReport(failure?.error),
  };
}

/** The judgement that the answer failed; its name is the user's, and no provider's word. */
function judgementOf({ error }: Failure): string | undefined {
  return InvalidAnswerError.isInstance(error) ? error.code : undefined;
}

/** What the attempt cost, worked out once, when it is first asked for. */
export function costOf(entry: AttemptEntry): Cost | undefined {
  if (typeof entry.cost === 'function') entry.cost = entry.cost();
  return entry.cost;
}

/** The attempt as the observers are told of its start. */
export function toStartEvent({
  callId,
  task,
  entry: { attemptNumber, candidate, provider, modelId, recovery, startedAtMs },
}: {
  readonly callId: string;
  readonly task: string;
  readonly entry: AttemptEntry;
}): AttemptStartEvent {
  return {
    callId,
    task,
    attemptNumber,
    candidate,
    provider,
    modelId,
    ...(recovery !== undefined && { recovery }),
    startedAtMs,
  };
}

/** The attempt as the observers are told of its end. */
export function toEndEvent({
  entry: { ended },
  start,
  end,
  cost,
}: {
  readonly entry: AttemptEntry;
  readonly start: AttemptStartEvent;
  readonly end: AttemptEnd;
  readonly cost: Cost;
}): AttemptEndEvent {
  const { failure, firstChunkMs, usage, responseModelId } = end;
  const nested = nestedIn({ ended, cost });
  const event: AttemptEndEvent = {
    ...start,
    outcome: end.outcome,
    ...(failure !== undefined && { failureKind: failure.kind }),
    ...(ended?.judgement !== undefined && { judgement: ended.judgement }),
    ...(failure?.statusCode !== undefined && { statusCode: failure.statusCode }),
    ...(responseModelId !== undefined && { responseModelId }),
    durationMs: (ended?.endedAtMs ?? start.startedAtMs) - start.startedAtMs,
    ...(firstChunkMs !== undefined && { firstChunkMs }),
    ...(usage !== undefined && { usage }),
    cost,
    ...(nested !== undefined && { nested }),
  };
  return failure === undefined ? event : hide({ on: event, key: 'error', value: failure.error });
}

/** The attempt as the report shows it; undefined while it still runs. */
export function toReport(entry: AttemptEntry): AttemptReport | undefined {
  const { ended } = entry;
  const cost = costOf(entry);
  if (ended === undefined || cost === undefined) return undefined;
  const { outcome, failureKind, judgement, statusCode, firstChunkMs } = ended;
  const { usage, responseModelId, endedAtMs } = ended;
  const nested = nestedIn({ ended, cost });
  return {
    attemptNumber: entry.attemptNumber,
    candidate: entry.candidate,
    provider: entry.provider,
    modelId: responseModelId ?? entry.modelId,
    ...(entry.recovery !== undefined && { recovery: entry.recovery }),
    outcome,
    ...(failureKind !== undefined && { failureKind }),
    ...(judgement !== undefined && { judgement }),
    ...(statusCode !== undefined && { statusCode }),
    startedAtMs: entry.startedAtMs,
    durationMs: endedAtMs - entry.startedAtMs,
    ...(firstChunkMs !== undefined && { firstChunkMs }),
    ...(usage !== undefined && { usage: countsOf(usage) }),
    cost,
    ...(nested !== undefined && { nested }),
  };
}

/** What a cache gives again was reported, and paid, before. */
function nestedIn({
  ended,
  cost,
}: {
  readonly ended: EndFacts | undefined;
  readonly cost: Cost;
}): CompositeMetadata | undefined {
  return cost.source === 'cache' ? undefined : ended?.nested;
}

/** The provider's own form of the counts stays behind: it may hold what the SDK's has no name for. */
function countsOf({ inputTokens, outputTokens }: NonNullable<AttemptEnd['usage']>): TokenCounts {
  return { inputTokens: defined(inputTokens), outputTokens: defined(outputTokens) };
}
