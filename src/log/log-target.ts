import { refuse } from '../boundary/check.ts';
import type { LogLevel, LogLine } from './log-line.ts';

type LogMethod = (fields: object | string, message?: string) => unknown;

/**
 * A logger with a method for each level. pino and its like get the fields and a message: `logger.info(fields, message)`. One
 * that has a method `log` too, as `console` has, gets a line of text.
 */
export type Logger = {
  readonly info: LogMethod;
  readonly warn: LogMethod;
  readonly error: LogMethod;
  readonly debug?: LogMethod;
  readonly trace?: LogMethod;
  readonly log?: unknown;
};

/** Where lines of JSON go, such as `process.stdout`. */
export type JsonLines = {
  /** Takes one line, with its end. */
  readonly write: (line: string) => unknown;
};

/** What is written to: a logger, lines of JSON, or a function that takes each line as an object. */
export type LogTarget = Logger | JsonLines | ((line: LogLine) => unknown);

/** Makes the function that writes a line. Throws `InvalidArgumentError` for what cannot be written to at these levels. */
export function writerFor({
  logger,
  levels,
}: {
  readonly logger: LogTarget;
  readonly levels: ReadonlyArray<LogLevel>;
}): (line: LogLine) => unknown {
  if (typeof logger === 'function') return logger;
  if (typeof logger !== 'object' || logger === null) return refuseTarget({ logger, lacks: [] });
  // Some loggers are streams too.
  const lacks = levels.filter(level => typeof Reflect.get(logger, level) !== 'function');
  if ('info' in logger && lacks.length === 0) {
    if ('log' in logger) return ({ level, msg }) => logger[level]?.(msg);
    // Such a logger has a time of its own.
    return ({ level, time: _time, msg, ...fields }) => logger[level]?.(fields, msg);
  }
  if ('write' in logger && typeof logger.write === 'function')
    return line => logger.write(`${JSON.stringify(line)}\n`);
  return refuseTarget({ logger, lacks });
}

function refuseTarget({
  logger,
  lacks,
}: {
  readonly logger: unknown;
  readonly lacks: ReadonlyArray<LogLevel>;
}): never {
  const missing = lacks.length === 0 ? '' : `; this one has no ${lacks.join(', ')}`;
  return refuse({
    path: ['logger'],
    value: logger,
    problem: `must be a logger such as pino() or console, something to write lines to such as process.stdout, or a function${missing}`,
  });
}
