/**
 * Writes a line for each attempt and each call, for pino, a console, or as JSON.
 *
 * @packageDocumentation
 */

export type { LogLevel, LogLine } from './log-line.ts';
export { type LogObserverSettings, logObserver } from './log-observer.ts';
export type { JsonLines, Logger, LogTarget } from './log-target.ts';
