import { defined } from '../boundary/defined.ts';
import type { Cost } from '../cost/index.ts';
import { formatUsd } from '../cost/total/format-usd.ts';
import type { AttemptEndEvent, CallEndEvent } from '../index.ts';

/** How severe a line is; also the name of the logger's method. */
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error';

/** One line: an attempt or a call that ended. It has no prompt, no answer, and no text of an error. */
export type LogLine = {
  readonly level: LogLevel;
  /** When it ended, as an ISO 8601 date. */
  readonly time: string;
  /** The line in words. */
  readonly msg: string;
  readonly event: 'attempt' | 'call';
  readonly callId: string;
  readonly task: string;
  /** Of a call, the candidate whose answer was delivered. */
  readonly candidate?: string;
  readonly outcome: 'success' | 'failure' | 'abort';
  readonly durationMs: number;
  readonly costUsd?: number;
  readonly costStatus: Cost['status'];
  /** What else the event tells, by its name there. */
  readonly [field: string]: unknown;
};

const ended = { success: 'succeeded', failure: 'failed', abort: 'was aborted' } as const;

/** The line of an attempt. */
export function attemptLine({
  event,
  level,
}: {
  readonly event: AttemptEndEvent;
  readonly level: LogLevel;
}): LogLine {
  const { callId, task, attemptNumber, candidate, provider, modelId, responseModelId, outcome } = event;
  const { failureKind, judgement, statusCode, durationMs, firstChunkMs, usage, cost } = event;
  const why = [failureKind, judgement, statusCode].filter(fact => fact !== undefined).join(' ');
  return {
    ...headOf({ event, level }),
    msg: inWords([
      `attempt ${attemptNumber} ${candidate} ${ended[outcome]}${why === '' ? '' : `: ${why}`}`,
      `${durationMs} ms`,
      formatUsd(cost),
    ]),
    event: 'attempt',
    callId,
    task,
    attemptNumber,
    candidate,
    provider,
    modelId,
    ...defined({ responseModelId }),
    outcome,
    ...defined({ failureKind, judgement, statusCode }),
    durationMs,
    ...defined({
      firstChunkMs,
      inputTokens: usage?.inputTokens.total,
      outputTokens: usage?.outputTokens.total,
    }),
    ...costFields(cost),
  };
}

/** The line of a call. */
export function callLine({
  event,
  level,
}: {
  readonly event: CallEndEvent;
  readonly level: LogLevel;
}): LogLine {
  const { callId, task, sessionId, tags, candidate, outcome, attempts, skipped, warnings, durationMs, cost } =
    event;
  const who = candidate === undefined ? '' : ` by ${candidate}`;
  return {
    ...headOf({ event, level }),
    msg: inWords([
      `call ${task} ${ended[outcome]}${who}`,
      attempts.length === 1 ? '1 attempt' : `${attempts.length} attempts`,
      `${durationMs} ms`,
      formatUsd(cost),
    ]),
    event: 'call',
    callId,
    task,
    ...defined({ sessionId, candidate }),
    ...(Object.keys(tags).length > 0 && { tags }),
    outcome,
    attempts: attempts.length,
    ...(skipped.length > 0 && { skipped: skipped.map(own => own.candidate) }),
    ...defined({ warnings }),
    durationMs,
    ...costFields(cost),
  };
}

function headOf({
  event: { startedAtMs, durationMs },
  level,
}: {
  readonly event: { readonly startedAtMs: number; readonly durationMs: number };
  readonly level: LogLevel;
}): Pick<LogLine, 'level' | 'time'> {
  return { level, time: new Date(startedAtMs + durationMs).toISOString() };
}

function costFields({ usd, status }: { readonly usd?: number; readonly status: Cost['status'] }) {
  return { ...defined({ costUsd: usd }), costStatus: status };
}

/** Names come from users and providers, and one with a line break in it must not look like a line of its own. */
function inWords(parts: ReadonlyArray<string>): string {
  return `ai-composite: ${parts.join(', ')}`.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ');
}
