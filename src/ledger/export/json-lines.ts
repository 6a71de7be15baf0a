import type { Database } from '../database/database.ts';
import { findCalls, type LedgerCall } from '../questions/calls.ts';
import type { Period } from '../questions/period.ts';

const pageSize = 1_000;

/** All calls of a period, the latest first, a page at a time. */
export async function* callsIn({
  database,
  period,
  nowMs,
}: {
  readonly database: Database;
  readonly period: Period;
  readonly nowMs: number;
}): AsyncGenerator<LedgerCall> {
  let before: LedgerCall | undefined;
  for (;;) {
    const question = { ...period, limit: pageSize, ...(before !== undefined && { before }) };
    const page = await findCalls({ database, question, nowMs });
    yield* page;
    before = page.at(-1);
    if (page.length < pageSize) return;
  }
}

/** The calls of a period, each a line of JSON. */
export async function* jsonLines(options: Parameters<typeof callsIn>[0]): AsyncGenerator<string> {
  for await (const call of callsIn(options)) yield `${JSON.stringify(call)}\n`;
}
