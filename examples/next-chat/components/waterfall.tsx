import { type FailureKind, formatUsd, type MessageAttempt, type MessageStep } from 'ai-composite/ui';
import { formatTime } from '@/lib/format';

const kinds: Readonly<Record<FailureKind, string>> = {
  'rate-limit': 'too many requests',
  overloaded: 'overloaded',
  server: 'server error',
  timeout: 'too slow',
  network: 'connection broke',
  quota: 'no credit left',
  auth: 'key refused',
  'not-found': 'no such model',
  'malformed-response': 'unreadable answer',
  empty: 'empty answer',
  unknown: 'unknown error',
  'content-filter': 'refused',
  'context-length': 'too long',
  unsupported: 'not supported',
  'invalid-request': 'request refused',
};

/** The attempts of one step over time: who was asked when, for how long, and how it ended. */
export function Waterfall({ step, number }: { readonly step: MessageStep; readonly number?: number }) {
  const startMs = Math.min(...step.attempts.map(own => own.startedAtMs));
  const endMs = Math.max(...step.attempts.map(own => own.startedAtMs + own.durationMs));
  const lengthMs = Math.max(endMs - startMs, 1);
  return (
    <section className="waterfall">
      <h2>
        {number === undefined ? 'Attempts' : `Step ${number}`}{' '}
        <span className="waterfall-task">for “{step.task}”</span>
      </h2>
      <ol>
        {step.attempts.map(attempt => (
          <li key={attempt.attemptNumber} data-outcome={attempt.outcome}>
            <span className="attempt-name">{attempt.candidate}</span>
            <span className="attempt-bar" aria-hidden="true">
              <Bar attempt={attempt} startMs={startMs} lengthMs={lengthMs} />
            </span>
            <span className="attempt-facts">
              <span className="attempt-outcome">{outcomeOf(attempt)}</span>
              <span>{formatTime(attempt.durationMs)}</span>
              <span>{formatUsd(attempt.cost)}</span>
            </span>
          </li>
        ))}
      </ol>
      <p className="waterfall-scale" aria-hidden="true">
        <span>0</span>
        <span>{formatTime(lengthMs)}</span>
      </p>
      {step.skipped !== undefined && <p className="skipped">Not asked: {step.skipped.join(', ')}.</p>}
    </section>
  );
}

function Bar({
  attempt: { startedAtMs, durationMs, firstChunkMs = durationMs },
  startMs,
  lengthMs,
}: {
  readonly attempt: MessageAttempt;
  readonly startMs: number;
  readonly lengthMs: number;
}) {
  const percent = (ms: number) => `${(100 * ms) / lengthMs}%`;
  return (
    <>
      <i className="wait" style={{ left: percent(startedAtMs - startMs), width: percent(firstChunkMs) }} />
      {durationMs > firstChunkMs && (
        <i
          className="output"
          style={{
            left: percent(startedAtMs - startMs + firstChunkMs),
            width: percent(durationMs - firstChunkMs),
          }}
        />
      )}
    </>
  );
}

function outcomeOf({ outcome, failureKind, statusCode }: MessageAttempt): string {
  if (outcome === 'success') return 'answered';
  if (outcome === 'abort') return 'stopped';
  const kind = failureKind === undefined ? 'failed' : kinds[failureKind];
  return statusCode === undefined || statusCode < 400 ? kind : `${kind} (${statusCode})`;
}
