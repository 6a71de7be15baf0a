import type { CostTotal } from '../cost/total/total.ts';
import type { AttemptReport, CompositeMetadata } from '../report/report.ts';
import type { MessageUsage } from './message-usage.ts';

/** The metadata of a UI message that `compositeMessageMetadata` sends; for `UIMessage<CompositeMessageMetadata>`. */
export type CompositeMessageMetadata = { readonly composite?: MessageReport };

/**
 * What a reader of an answer may see of it: names of candidates, kinds of failure, times, tokens, costs. Texts of providers
 * and of routing, model ids, keys and addresses are not in it.
 */
export type MessageReport = {
  /** How the answer ended: whole, failed (nobody answered, or it broke off), or stopped; left out while it comes. */
  readonly outcome?: 'success' | 'failure' | 'abort';
  /** The candidate of the latest step that had one: the one to show. */
  readonly candidate?: string;
  /**
   * The calls that made the answer, by number from 0: one, or one for each step of an agent. An object, because the SDK
   * merges objects and replaces lists: so every step travels once.
   */
  readonly steps: Readonly<Record<number, MessageStep>>;
  /** Of all steps together, as the SDK counts them; what failed attempts used is in the cost only. */
  readonly usage: MessageUsage;
  /** Of all steps together, failed attempts and broken answers too; `incomplete` counts what is not known, such as a step that was stopped. */
  readonly cost: CostTotal;
};

/** One call of an answer. */
export type MessageStep = {
  readonly task: string;
  /** The candidate whose output was delivered, also where it broke off; left out where nobody answered. */
  readonly candidate?: string;
  /** From the start of the first attempt to the first output that was delivered; left out where none was streamed. */
  readonly firstChunkMs?: number;
  readonly attempts: ReadonlyArray<MessageAttempt>;
  /** Names of the candidates that the plan left out. */
  readonly skipped?: ReadonlyArray<string>;
  readonly cost: CostTotal;
  /** Answers that broke off and that this one makes up for, the latest first, as with the SDK's `streamRetries`. */
  readonly recovers?: ReadonlyArray<RecoveredAnswer>;
  /** Set where a cache gave the whole answer again: its cost was paid before, and is not in the message's. */
  readonly cached?: true;
};

/** An answer that broke off and was asked for again. */
export type RecoveredAnswer = Pick<
  NonNullable<CompositeMetadata['recovers']>,
  'candidate' | 'failureKind' | 'cost'
>;

/** One attempt of a step. */
export type MessageAttempt = Pick<
  AttemptReport,
  | 'attemptNumber'
  | 'candidate'
  | 'outcome'
  | 'failureKind'
  | 'statusCode'
  | 'startedAtMs'
  | 'durationMs'
  | 'firstChunkMs'
> & { readonly cost: Pick<AttemptReport['cost'], 'status' | 'usd' | 'usdExact'> };

/** Takes from a call's report what a reader may see: field by field, so that a new field of the report stays behind. */
export function toMessageStep(report: CompositeMetadata): MessageStep {
  const { task, candidate, skipped, cost, cached } = report;
  const attempts = report.attempts.map(toMessageAttempt);
  const firstChunkMs = firstOutputOf({ attempts, candidate });
  const recovers = recoveredBy(report);
  return {
    task,
    ...(candidate !== '' && { candidate }),
    ...(firstChunkMs !== undefined && { firstChunkMs }),
    attempts,
    ...(skipped.length > 0 && { skipped: skipped.map(own => own.candidate) }),
    cost,
    ...(recovers.length > 0 && { recovers }),
    ...(cached === true && { cached }),
  };
}

/** The calls that a call makes up for, one after the other. What one of them cost is left out where its own answer tells it. */
function recoveredBy({ recovers }: Pick<CompositeMetadata, 'recovers'>): ReadonlyArray<RecoveredAnswer> {
  if (recovers === undefined) return [];
  const { candidate, failureKind, cost } = recovers;
  return [{ candidate, failureKind, ...(cost !== undefined && { cost }) }, ...recoveredBy(recovers)];
}

function toMessageAttempt(attempt: AttemptReport): MessageAttempt {
  const { attemptNumber, candidate, outcome, failureKind, statusCode } = attempt;
  const { startedAtMs, durationMs, firstChunkMs } = attempt;
  const { status, usd, usdExact } = attempt.cost;
  return {
    attemptNumber,
    candidate,
    outcome,
    ...(failureKind !== undefined && { failureKind }),
    ...(statusCode !== undefined && { statusCode }),
    startedAtMs,
    durationMs,
    ...(firstChunkMs !== undefined && { firstChunkMs }),
    cost: { status, ...(usd !== undefined && { usd }), ...(usdExact !== undefined && { usdExact }) },
  };
}

function firstOutputOf({
  attempts,
  candidate,
}: {
  readonly attempts: ReadonlyArray<MessageAttempt>;
  readonly candidate: string;
}): number | undefined {
  const served = attempts.findLast(own => own.candidate === candidate && own.firstChunkMs !== undefined);
  const first = attempts[0];
  if (served?.firstChunkMs === undefined || first === undefined) return undefined;
  return served.startedAtMs - first.startedAtMs + served.firstChunkMs;
}
