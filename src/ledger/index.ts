/**
 * Keeps every call with its attempts and costs in SQLite or Postgres, and draws them as a page.
 *
 * @packageDocumentation
 */

export type { PostgresClient } from '../postgres/client.ts';
export { LedgerError } from './database/ledger-error.ts';
export { type Ledger, type LedgerSettings, openLedger } from './open-ledger.ts';
export type { Authorize, PageOptions } from './page/page.ts';
export type { PageBudget, PageHealth } from './page/page-data.ts';
export type { CallsQuestion, LedgerAttempt, LedgerCall } from './questions/calls.ts';
export type { Filter } from './questions/filter.ts';
export type { Group, GroupBy } from './questions/grouping.ts';
export type { Moment, Period } from './questions/period.ts';
export type {
  Percentiles,
  ReliabilityFigures,
  ReliabilityQuestion,
  ReliabilityRow,
} from './questions/reliability.ts';
export type { SpendFigures, SpendQuestion, SpendRow } from './questions/spend.ts';
export type { LedgerProblem, LedgerStatus } from './writer.ts';
