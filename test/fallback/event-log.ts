import type { AttemptEndEvent, AttemptStartEvent, CallEndEvent, Observers } from 'ai-composite';

/** Everything observers were told, in full and as one short line each. */
export type EventLog = {
  readonly observers: Observers;
  /** `start 1 name`, `end 1 name failure kind status`, `call outcome candidate [attempts]`. */
  readonly events: readonly string[];
  readonly starts: readonly AttemptStartEvent[];
  readonly ends: readonly AttemptEndEvent[];
  readonly calls: readonly CallEndEvent[];
};

/** Makes an empty log. */
export function createEventLog(): EventLog {
  const events: string[] = [];
  const starts: AttemptStartEvent[] = [];
  const ends: AttemptEndEvent[] = [];
  const calls: CallEndEvent[] = [];
  return {
    events,
    starts,
    ends,
    calls,
    observers: {
      onAttemptStart: event => {
        starts.push(event);
        events.push(words('start', event.attemptNumber, event.candidate));
      },
      onAttemptEnd: event => {
        ends.push(event);
        const { attemptNumber, candidate, outcome, failureKind, statusCode } = event;
        events.push(words('end', attemptNumber, candidate, outcome, failureKind, statusCode));
      },
      onCallEnd: event => {
        calls.push(event);
        const attempts = event.attempts.map(({ attemptNumber, candidate, outcome, failureKind }) =>
          words(attemptNumber, candidate, outcome, failureKind),
        );
        events.push(words('call', event.outcome, event.candidate ?? '-', `[${attempts.join(', ')}]`));
      },
    },
  };
}

function words(...parts: ReadonlyArray<string | number | undefined>): string {
  return parts.filter(part => part !== undefined).join(' ');
}
