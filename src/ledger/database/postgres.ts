import type { PostgresClient } from '../../postgres/client.ts';
import type { CallRow } from '../rows/call-row.ts';
import type { Database, Dialect } from './database.ts';
import { LedgerError, newerLedger, reasonOf } from './ledger-error.ts';
import { send } from './postgres-client.ts';
import { addToDays, addToTagDays, addToTimes } from './roll-up.ts';
import { attemptColumns, callColumns, migrations, schemaVersion, tables } from './schema.ts';

const dialect: Dialect = {
  tagOf: ({ tags, name }) => `(${tags}::jsonb ->> ${name}::text)`,
  eachTag: tags => `jsonb_each_text(${tags}::jsonb) AS tag`,
  dayOf: days => `to_char(DATE '1970-01-01' + (${days})::int, 'YYYY-MM-DD')`,
  monthOf: days => `to_char(DATE '1970-01-01' + (${days})::int, 'YYYY-MM')`,
};

/** Opens a ledger in Postgres. Every write is one statement, so a pool and HTTP will do, and several processes may write. */
export async function openPostgres(client: PostgresClient): Promise<Database> {
  const query: Database['query'] = statement => send({ client, statement });
  try {
    await migrate(query);
  } catch (error) {
    throw LedgerError.isInstance(error)
      ? error
      : new LedgerError({
          message: `The ledger in Postgres cannot be opened: ${reasonOf(error)}.`,
          cause: error,
        });
  }
  return {
    dialect,
    query,
    insert: async calls => {
      await query({ text: insertText, values: recordsOf(calls) });
    },
    refuses: isRefusal,
    // The client is the user's.
    close: async () => {},
  };
}

/**
 * SQLSTATE's classes 22 (data), 23 (constraints) and 54 (limits) are about the rows; any other error, and one without a
 * code, is about the server or the way to it. Source: postgresql.org/docs/current/errcodes-appendix.html.
 */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^(22|23|54)[0-9A-Z]{3}$/.test(String(error.code));
}

/** A number of our own: two processes that start at once must not make the tables at once. */
const lockKey = 4_126_553;

async function migrate(query: Database['query']): Promise<void> {
  // Without values, so that a client sends several statements as one, which Postgres runs as one transaction.
  await query({ text: migrationBlock(), values: [] });
  const [found] = await query({ text: `SELECT MAX(version) AS version FROM ${tables.schema}`, values: [] });
  if (Number(found?.version ?? 0) > schemaVersion) throw newerLedger('in Postgres');
}

/** One statement, whichever client sends it: it locks, looks at the version, and makes what is missing. */
function migrationBlock(): string {
  const steps = migrations.map(
    (statements, index) => `
    IF found < ${index + 1} THEN
      ${statements.join(';\n      ')};
      INSERT INTO ${tables.schema} VALUES (${index + 1});
    END IF;`,
  );
  return `DO $migrate$
  DECLARE found BIGINT;
  BEGIN
    PERFORM pg_advisory_xact_lock(${lockKey});
    CREATE TABLE IF NOT EXISTS ${tables.schema} (version BIGINT NOT NULL);
    SELECT COALESCE(MAX(version), 0) INTO found FROM ${tables.schema};
    ${steps.join('')}
  END $migrate$`;
}

const from = { calls: 'new_calls', attempts: 'new_attempts' };

const insertText = `
  WITH new_calls AS (
    ${insertOf({ table: tables.calls, columns: callColumns, parameter: '$1' })}
    WHERE TRUE ON CONFLICT DO NOTHING RETURNING *
  ), new_attempts AS (
    ${insertOf({ table: tables.attempts, columns: attemptColumns, parameter: '$2' })}
    WHERE call_id IN (SELECT id FROM new_calls) RETURNING *
  ), new_days AS (
    ${addToDays(from)} RETURNING 1
  ), new_tag_days AS (
    ${addToTagDays({ from, dialect })} RETURNING 1
  )
  ${addToTimes(from)}`;

function insertOf({
  table,
  columns,
  parameter,
}: {
  readonly table: string;
  readonly columns: Readonly<Record<string, string>>;
  readonly parameter: string;
}): string {
  const names = Object.keys(columns).join(', ');
  const types = Object.entries(columns).map(([name, type]) => `${name} ${type.split(' ')[0]}`);
  // As text first: some clients would write a parameter of the type json as JSON once more.
  return `INSERT INTO ${table} (${names})
    SELECT ${names} FROM json_to_recordset(${parameter}::text::json) AS r(${types.join(', ')})`;
}

function recordsOf(calls: ReadonlyArray<CallRow>): [string, string] {
  return [
    JSON.stringify(calls.map(({ attempts, ...call }) => call)),
    JSON.stringify(calls.flatMap(({ attempts }) => attempts)),
  ];
}
