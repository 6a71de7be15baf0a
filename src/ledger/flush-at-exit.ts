import type { Writer } from './writer.ts';

/**
 * Has what waits written when the process ends by itself, and for SQLite also when it ends by `process.exit()`. A signal that
 * nobody handles ends a process without either; close the ledger in your handler of it. What is lost is told by `onProblem`. Returns how to leave.
 */
export function flushAtExit({ flush, leave }: Pick<Writer, 'flush' | 'leave'>): () => void {
  // A runtime without a process has no end to wait for.
  if (typeof process === 'undefined' || typeof process.on !== 'function') return () => {};
  // Told by `onProblem`; at the exit nobody waits for it.
  const beforeExit = () => void flush().catch(() => {});
  process.on('beforeExit', beforeExit);
  process.on('exit', leave);
  return () => {
    process.off('beforeExit', beforeExit);
    process.off('exit', leave);
  };
}
