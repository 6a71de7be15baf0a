import * as z from 'zod/v4';
import { check, refuse, strictOptions } from '../boundary/check.ts';
import { type Clock, systemClock } from '../boundary/clock.ts';
import { isPostgresClient, type PostgresClient } from '../postgres/client.ts';
import type { CallEndEvent } from '../report/events.ts';
import type { Database } from './database/database.ts';
import { openPostgres } from './database/postgres.ts';
import { openSqlite } from './database/sqlite.ts';
import { focusCsv } from './export/focus.ts';
import { jsonLines } from './export/json-lines.ts';
import { flushAtExit } from './flush-at-exit.ts';
import { type Authorize, makeHandler, makePage, type PageOptions } from './page/page.ts';
import { type CallsQuestion, findCalls, type LedgerCall } from './questions/calls.ts';
import type { GroupBy } from './questions/grouping.ts';
import { momentSchema, type Period } from './questions/period.ts';
import { type ReliabilityQuestion, type ReliabilityRow, reliability } from './questions/reliability.ts';
import { type SpendQuestion, type SpendRow, spend } from './questions/spend.ts';
import { createWriter, type LedgerProblem, type LedgerStatus } from './writer.ts';

/** Where a ledger is kept, and how it is written. Either `database` or `postgres` is needed. */
export type LedgerSettings = {
  /** A file of SQLite, made where there is none; `:memory:` for a ledger that is gone with the process. */
  readonly database?: string;
  /** Your own client: `pg`'s `Pool`, postgres.js, PGlite, or Neon's `neon()`. It stays yours: closing it is up to you. */
  readonly postgres?: PostgresClient;
  /** How long calls wait for others to be written with. Default: 1,000 ms. */
  readonly flushMs?: number;
  /** Calls that are kept while the database is away; more are dropped, and counted. Default: 10,000. */
  readonly maxBuffered?: number;
  /** Keeps a serverless function alive until its calls are written, such as `waitUntil` of `@vercel/functions`; each call is then written at once. */
  readonly waitUntil?: (promise: Promise<unknown>) => void;
  /** Told once when writing begins to fail or calls are dropped. Default: a line on the console. */
  readonly onProblem?: (problem: LedgerProblem) => void;
  /** Time, for tests. */
  readonly clock?: Clock;
};

/** The calls of one or many composites, kept. */
export type Ledger = {
  /** Pass it to `createComposite`. A call never waits for it, nor fails for it. */
  readonly onCallEnd: (call: CallEndEvent) => void;
  /** Writes what waits. Rejects with `LedgerError` where the database does not take it; it is tried again later. */
  readonly flush: () => Promise<void>;
  /** Writes what waits and takes no more. */
  readonly close: () => Promise<void>;
  /** How the writing stands. */
  readonly status: () => LedgerStatus;
  /** What was paid, by day, month, task, candidate, provider, model or tag; exact. */
  readonly spend: <const BY extends GroupBy = never>(
    question?: SpendQuestion<BY>,
  ) => Promise<ReadonlyArray<SpendRow<BY>>>;
  /** How well it went: success, fallbacks, failures by kind, and how long it took. */
  readonly reliability: <const BY extends GroupBy = never>(
    question?: ReliabilityQuestion<BY>,
  ) => Promise<ReadonlyArray<ReliabilityRow<BY>>>;
  /** The calls themselves, the latest first, with their attempts. */
  readonly calls: (question?: CallsQuestion) => Promise<ReadonlyArray<LedgerCall>>;
  /** A period's bill as CSV with the columns of FOCUS 1.2, in pieces. */
  readonly csv: (options?: Period & { readonly billingAccountId?: string }) => AsyncIterable<string>;
  /** A period's calls, each as a line of JSON, in pieces. */
  readonly jsonLines: (period?: Period) => AsyncIterable<string>;
  /** One HTML document with charts and the latest calls; it needs no server and loads nothing. */
  readonly page: (options?: PageOptions) => Promise<string>;
  /**
   * Serves the page, made anew for each request: mount it as a route's `GET`. Throws `InvalidArgumentError` without
   * `authorize`, since what calls cost is not for everybody.
   */
  readonly handler: (
    options: PageOptions & { readonly authorize: Authorize },
  ) => (request: Request) => Promise<Response>;
};

/**
 * Opens a ledger, which keeps every call with its attempts: what was asked of whom, how it ended, how long it took, and what
 * it cost. No prompt, no answer, no key and no provider's error text is in it.
 *
 * Throws `InvalidArgumentError` on settings that cannot work, and `LedgerError` where the database cannot be opened or was
 * made by a later version.
 *
 * @example
 * const ledger = await openLedger({ database: 'costs.db' });
 * const ai = createComposite({ tasks, onCallEnd: ledger.onCallEnd });
 */
export async function openLedger(settings: LedgerSettings): Promise<Ledger> {
  check({ schema: settingsSchema, value: settings, path: ['openLedger'] });
  const {
    clock = systemClock,
    flushMs = 1_000,
    maxBuffered = 10_000,
    waitUntil,
    onProblem = warn,
  } = settings;
  const database = await openDatabase(settings);
  const writer = createWriter({ database, flushMs, maxBuffered, waitUntil, onProblem, clock });
  const leaveExit = flushAtExit(writer);

  const from = { database, flush: writer.flush, nowMs: clock.now };
  const read = <OPTIONS extends object>(options: OPTIONS) => ({ ...options, database, nowMs: clock.now() });
  return {
    onCallEnd: writer.add,
    flush: writer.flush,
    close: async () => {
      writer.stop();
      leaveExit();
      try {
        await writer.flush();
      } finally {
        await database.close();
      }
    },
    status: writer.status,
    spend: (question = {}) => spend(read({ question })),
    reliability: (question = {}) => reliability(read({ question })),
    calls: (question = {}) => findCalls(read({ question })),
    csv: ({ billingAccountId, ...period } = {}) => {
      check({ schema: csvSchema, value: { billingAccountId, ...period }, path: ['csv'] });
      return focusCsv(read({ period, billingAccountId }));
    },
    jsonLines: (period = {}) => {
      check({ schema: periodSchema, value: period, path: ['jsonLines'] });
      return jsonLines(read({ period }));
    },
    page: (options = {}) => makePage({ from, options }),
    handler: options => makeHandler({ from, options: options ?? {} }),
  };
}

function openDatabase({ database, postgres }: LedgerSettings): Promise<Database> {
  if (database !== undefined && postgres !== undefined)
    refuse({
      path: ['openLedger'],
      value: { database, postgres },
      problem: 'takes database or postgres, not both; open a ledger for each',
    });
  if (postgres !== undefined) return openPostgres(postgres);
  if (database !== undefined) return openSqlite(database);
  return refuse({
    path: ['openLedger'],
    value: {},
    problem: "needs database: 'costs.db' for a file, or postgres: with your client",
  });
}

function warn({ message }: LedgerProblem): void {
  console.warn(`ai-composite: ${message}`);
}

const anyFunction = z.custom(value => typeof value === 'function', { error: 'must be a function' });

const settingsSchema = strictOptions({
  database: z
    .string({ error: "must be the name of a file, such as 'costs.db'" })
    .min(1, { error: 'must not be empty' })
    .optional(),
  postgres: z
    .custom(isPostgresClient, {
      error: 'must be a client with query(text, values) or, as postgres.js, unsafe(text, values)',
    })
    .optional(),
  flushMs: z.number({ error: 'must be milliseconds' }).positive({ error: 'must be above 0' }).optional(),
  maxBuffered: z.int({ error: 'must be a whole number' }).min(1, { error: 'must be at least 1' }).optional(),
  waitUntil: anyFunction.optional(),
  onProblem: anyFunction.optional(),
  clock: z
    .custom(value => typeof value === 'object' && value !== null && 'now' in value && 'schedule' in value, {
      error: 'must have now() and schedule()',
    })
    .optional(),
} satisfies Record<keyof LedgerSettings, z.ZodType>);

const periodSchema = strictOptions({ from: momentSchema, to: momentSchema });
const csvSchema = strictOptions({
  from: momentSchema,
  to: momentSchema,
  billingAccountId: z.string({ error: 'must be a text' }).optional(),
});
