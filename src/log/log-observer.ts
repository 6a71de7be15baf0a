import { settleQuietly } from '../boundary/callback.ts';
import { refuse } from '../boundary/check.ts';
import type { Observers } from '../index.ts';
import { attemptLine, callLine, type LogLevel } from './log-line.ts';
import { type LogTarget, writerFor } from './log-target.ts';

/** What `logObserver` takes. */
export type LogObserverSettings = {
  /** Where lines go; default: lines of JSON, by `console.log`. */
  readonly logger?: LogTarget;
  /**
   * How severe a line is about what went well, or was aborted; default `info`. A failed attempt is at least a `warn`, a failed
   * call at least an `error`. What is shown is the logger's to decide.
   */
  readonly level?: LogLevel;
};

/** From the least to the most severe. */
const levels: ReadonlyArray<LogLevel> = ['trace', 'debug', 'info', 'warn', 'error'];

/**
 * Observes a composite with a logger: one line for each attempt that ended, and one for each call. Never a prompt, an answer,
 * a key, or the text of an error.
 *
 * Spread it into the settings, or put it among their `observers`.
 *
 * @example
 * const ai = createComposite({ tasks: { chat: [primary, backup] }, observers: logObserver({ logger: pino() }) });
 */
export function logObserver({
  logger = line => console.log(JSON.stringify(line)),
  level = 'info',
}: LogObserverSettings = {}): Pick<Observers, 'onAttemptEnd' | 'onCallEnd'> {
  if (!levels.includes(level))
    refuse({ path: ['level'], value: level, problem: `must be one of ${levels.join(', ')}` });
  const [ofAttempt, ofCall] = [atLeast({ level, least: 'warn' }), atLeast({ level, least: 'error' })];
  const write = writerFor({ logger, levels: [level, ofAttempt, ofCall] });
  return {
    onAttemptEnd: event => {
      settleQuietly(write(attemptLine({ event, level: event.outcome === 'failure' ? ofAttempt : level })));
    },
    onCallEnd: event => {
      settleQuietly(write(callLine({ event, level: event.outcome === 'failure' ? ofCall : level })));
    },
  };
}

function atLeast({ level, least }: { readonly level: LogLevel; readonly least: LogLevel }): LogLevel {
  return levels.indexOf(level) > levels.indexOf(least) ? level : least;
}
