import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { CallRow } from '../rows/call-row.ts';
import type { Database, Dialect, Row, Statement } from './database.ts';
import { LedgerError, newerLedger, reasonOf } from './ledger-error.ts';
import { addToDays, addToTagDays, addToTimes } from './roll-up.ts';
import { attemptColumns, callColumns, migrations, schemaVersion, tables } from './schema.ts';

const dialect: Dialect = {
  tagOf: ({ tags, name }) => `(SELECT value FROM json_each(${tags}) WHERE key = ${name})`,
  eachTag: tags => `json_each(${tags}) AS tag`,
  dayOf: days => `strftime('%Y-%m-%d', ${days} * 86400, 'unixepoch')`,
  monthOf: days => `strftime('%Y-%m', ${days} * 86400, 'unixepoch')`,
};

/**
 * Opens a ledger in a file of SQLite, which Node has built in. The write-ahead log lets several processes of one machine
 * write the file and others read it meanwhile; a network drive cannot do that.
 */
export async function openSqlite(file: string): Promise<Database> {
  const database = await openFile(file);
  try {
    await prepare({ database, file });
  } catch (error) {
    database.close();
    throw LedgerError.isInstance(error)
      ? error
      : new LedgerError({
          message: `The ledger ${file} cannot be opened: ${reasonOf(error)}.`,
          cause: error,
        });
  }
  const insertNow = createInsert(database);
  return {
    dialect,
    query: async statement => run({ database, statement }),
    insert: async calls => {
      insertNow(calls);
      // It is written in this process: others have their turn before the next ones.
      await new Promise(resolve => setImmediate(resolve));
    },
    insertNow,
    refuses: isRefusal,
    close: async () => database.close(),
  };
}

/** SQLite's result codes TOOBIG, CONSTRAINT, MISMATCH and RANGE, which are about the rows. Source: sqlite.org/rescode.html. */
const refusals = new Set([18, 19, 20, 25]);

function isRefusal(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && refusals.has(Number(error.errcode) & 0xff);
}

async function openFile(file: string): Promise<DatabaseSync> {
  const { DatabaseSync } = await import('node:sqlite').catch((cause: unknown) => {
    throw new LedgerError({
      message: 'This runtime has no node:sqlite; use Node.js 22.13 or later, or a ledger in Postgres.',
      cause,
    });
  });
  try {
    return new DatabaseSync(file);
  } catch (error) {
    throw new LedgerError({
      message: `The ledger ${file} cannot be opened: ${reasonOf(error)}.`,
      cause: error,
    });
  }
}

/** How long an opening waits for other processes that open the file too, in steps. */
const openingWaits = { steps: 200, stepMs: 25 };

async function prepare({
  database,
  file,
}: {
  readonly database: DatabaseSync;
  readonly file: string;
}): Promise<void> {
  // Never waiting inside SQLite: it would hold up the whole process. What is busy is tried again later.
  for (let step = 1; ; step++) {
    try {
      database.exec(
        'PRAGMA busy_timeout = 0; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -32768; PRAGMA wal_autocheckpoint = 4000',
      );
      return migrate({ database, file });
    } catch (error) {
      if (!isBusy(error) || step === openingWaits.steps) throw error;
      await new Promise(resolve => setTimeout(resolve, openingWaits.stepMs));
    }
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === 5;
}

function migrate({ database, file }: { readonly database: DatabaseSync; readonly file: string }): void {
  inTransaction({
    database,
    work: () => {
      database.exec(`CREATE TABLE IF NOT EXISTS ${tables.schema} (version BIGINT NOT NULL)`);
      const found = database.prepare(`SELECT MAX(version) AS version FROM ${tables.schema}`).get();
      const version = Number(found?.version ?? 0);
      if (version > schemaVersion) throw newerLedger(file);
      for (const statement of migrations.slice(version).flat()) database.exec(statement);
      if (version < schemaVersion) database.exec(`INSERT INTO ${tables.schema} VALUES (${schemaVersion})`);
    },
  });
}

function createInsert(database: DatabaseSync): (calls: ReadonlyArray<CallRow>) => void {
  const callInsert = database.prepare(
    `${insertInto({ table: tables.calls, columns: callColumns })} ON CONFLICT DO NOTHING`,
  );
  const attemptInsert = database.prepare(insertInto({ table: tables.attempts, columns: attemptColumns }));
  const isWritten = 'c.id IN (SELECT value FROM json_each($ids))';
  const from = { ...tables, where: isWritten };
  const texts = [addToDays(from), addToTagDays({ from, dialect }), addToTimes(from)];
  const rollUps = texts.map(text => database.prepare(text));
  return calls =>
    inTransaction({
      database,
      work: () => {
        const ids: string[] = [];
        for (const { attempts, ...call } of calls) {
          // There already: this batch is tried again, or the id is one of the user's that is not unique.
          if (callInsert.run(call).changes === 0) continue;
          ids.push(call.id);
          for (const attempt of attempts) attemptInsert.run(attempt);
        }
        if (ids.length > 0) for (const rollUp of rollUps) rollUp.run({ $ids: JSON.stringify(ids) });
      },
    });
}

function insertInto({
  table,
  columns,
}: {
  readonly table: string;
  readonly columns: Readonly<Record<string, string>>;
}): string {
  const names = Object.keys(columns);
  return `INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map(name => `$${name}`).join(', ')})`;
}

function inTransaction({
  database,
  work,
}: {
  readonly database: DatabaseSync;
  readonly work: () => void;
}): void {
  database.exec('BEGIN IMMEDIATE');
  try {
    work();
    database.exec('COMMIT');
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

function run({
  database,
  statement: { text, values },
}: {
  readonly database: DatabaseSync;
  readonly statement: Statement;
}): ReadonlyArray<Row> {
  const prepared: StatementSync = database.prepare(text);
  return prepared.all(Object.fromEntries(values.map((value, index) => [`$${index + 1}`, value])));
}
