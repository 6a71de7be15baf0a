/** Does one kind of work in a process of its own: `node --expose-gc work.ts KIND EFFORT`; prints what it came to as JSON. */
import { type Effort, efforts } from './measure.ts';
import type { Work } from './table.ts';

export const kinds: Readonly<
  Record<string, () => Promise<(effort: Effort) => Promise<ReadonlyArray<Work>>>>
> = {
  calls: async () => (await import('./works/calls.ts')).measureCalls,
  floor: async () => (await import('./works/floor.ts')).measureFloor,
  streams: async () => (await import('./works/streams.ts')).measureStreams,
  langchain: async () => (await import('./works/langchain.ts')).measureLangChain,
  http: async () => (await import('./works/http.ts')).measureHttp,
  memory: async () => (await import('./works/memory.ts')).measureMemory,
  imports: async () => (await import('./works/imports.ts')).measureImports,
  growth: async () => (await import('./works/growth.ts')).measureGrowth,
  ledger: async () => (await import('./works/ledger.ts')).measureLedger,
};

if (import.meta.main) {
  const [kind = '', effort = ''] = process.argv.slice(2);
  const measure = await kinds[kind]?.();
  const chosen = Object.entries(efforts).find(([name]) => name === effort)?.[1];
  if (measure === undefined || chosen === undefined) throw new Error(`No such work: ${kind} ${effort}`);
  const works = await measure(chosen);
  process.send?.(works);
  process.exit(0);
}
