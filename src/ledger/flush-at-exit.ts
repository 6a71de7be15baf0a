import type { Writer } from './writer.ts';

/**
 * Has what waits written when the process ends by itself, and for SQLite also when it ends by `process.exit()`. A signal that
 * nobody handles ends a process without either; close the ledger in your handler of it. Returns how to leave.
 */
export function flushAtExit({ flush, flushNow }: Pick<Writer, 'flush' | 'flushNow'>): () => void {
  // A runtime without a process has no end to wait for.
  if (typeof process === 'undefined' || typeof process.on !== 'function') return () => {};
  // Told by `onProblem`; at the exit nobody waits for it.
  const beforeExit = () => void flush().catch(() => {});
  const exit = () => {
    try {
      flushNow();
    } catch {
      // Another process holds the file, and there is no time left to wait for it.
    }
  };
  process.on('beforeExit', beforeExit);
  process.on('exit', exit);
  return () => {
    process.off('beforeExit', beforeExit);
    process.off('exit', exit);
  };
}
