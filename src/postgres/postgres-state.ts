import { refuse } from '../boundary/check.ts';
import { storeOf } from '../state/shared/store-of.ts';
import {
  type Health,
  type HoldAnswer,
  type HoldRequest,
  healthy,
  type Settlement,
  type Standing,
  type StateStore,
} from '../state/store.ts';
import { createBatch } from './batch.ts';
import { createRunStatement, isPostgresClient, type PostgresClient, type RunStatement } from './client.ts';
import { qualified, type SchemaNames } from './schema/names.ts';
import { isReadySql, schemaSql } from './schema/schema.ts';

/** What `postgresState` takes. */
export type PostgresStateSettings = PostgresStateNames & {
  /** Your client: a `Pool` or `Client` of `pg`, `postgres(url)`, PGlite, or `neon(url)`. It stays yours to close. */
  readonly client: PostgresClient;
  /**
   * Makes the tables and functions at first use, where they are missing; default true. With `false` you run `postgresStateSql()`
   * yourself, and the client needs no right to create anything.
   */
  readonly migrate?: boolean;
  /** How long an answer is waited for before Postgres counts as away, in milliseconds; default 1,000. */
  readonly timeoutMs?: number;
};

/** Where tables and functions are, and what their names begin with. */
export type PostgresStateNames = {
  /** Default `'public'`. */
  readonly schema?: string;
  /** Default `'ai_composite'`. */
  readonly prefix?: string;
};

/**
 * Keeps what calls share in Postgres 13 or newer. One statement a verb, which calls a function that does all of it in one step,
 * also a hold in several scopes; what is held or settled while one is under way goes together in the next. What has expired is deleted along the way. Throws `InvalidArgumentError` on settings that cannot
 * work.
 *
 * @example
 * const ai = createComposite({ tasks, state: postgresState({ client: new Pool({ connectionString: process.env.DATABASE_URL }) }) });
 */
export function postgresState({
  client,
  migrate = true,
  timeoutMs = 1_000,
  ...named
}: PostgresStateSettings): StateStore {
  if (!isPostgresClient(client))
    refuse({
      path: ['postgresState', 'client'],
      value: client,
      problem: 'must be a client with query(text, values), or of postgres.js, such as new Pool()',
    });
  const names = namesOf(named);
  const name = JSON.stringify({ ...names, migrate, timeoutMs });
  return storeOf({ owner: client, name, make: () => createStore({ client, names, migrate, timeoutMs }) });
}

function createStore({
  client,
  names,
  migrate,
  timeoutMs,
}: Required<Pick<PostgresStateSettings, 'client' | 'migrate' | 'timeoutMs'>> & {
  readonly names: SchemaNames;
}): StateStore {
  const { call } = qualified(names);
  const run = createRunStatement(client);
  const ready = createReady({ run, names, migrate });
  const ask = async ({ verb, input }: { readonly verb: string; readonly input: unknown }) => {
    await ready();
    const text = `select ${call(verb)}($1::text) as answer`;
    return again(() => run({ text, values: [JSON.stringify(input, inText)] }));
  };
  const askFor = async <ANSWER>(question: { readonly verb: string; readonly input: unknown }) =>
    // Our own functions answer.
    JSON.parse((await ask(question)) ?? 'null') as ANSWER;

  const hold = createBatch({
    send: (requests: ReadonlyArray<HoldRequest>) =>
      askFor<ReadonlyArray<HoldRow>>({ verb: 'hold', input: requests }),
    patienceMs: timeoutMs,
  });
  const settle = createBatch({
    send: (settlements: ReadonlyArray<Settlement>) =>
      askFor<ReadonlyArray<ReadonlyArray<StandingRow>>>({ verb: 'settle', input: settlements }),
    patienceMs: timeoutMs,
  });

  return {
    timeoutMs,
    observe: async observed => toHealth(await askFor<HealthRow>({ verb: 'observe', input: observed })),
    health: async keys => {
      const rows = await askFor<ReadonlyArray<HealthRow>>({ verb: 'health', input: keys });
      return keys.map((_, index) => toHealth(rows[index]));
    },
    tryProbe: probe => askFor<boolean>({ verb: 'try_probe', input: probe }),
    hold: async request => {
      const { outcome, standings } = await hold(request);
      return { outcome, standings: standings.map(toStanding) };
    },
    renew: async renewal => {
      await ask({ verb: 'renew', input: renewal });
    },
    settle: async settlement => (await settle(settlement)).map(toStanding),
    standings: async scopes =>
      scopes.length === 0
        ? []
        : (await askFor<ReadonlyArray<StandingRow>>({ verb: 'standings', input: scopes })).map(toStanding),
    readNote: key => ask({ verb: 'read_note', input: { key } }),
    writeNote: async note => {
      await ask({ verb: 'write_note', input: note });
    },
  };
}

/**
 * The SQL that makes the tables and functions, or what is missing of them: one statement, to be run once by whoever may create
 * things. It destroys nothing, and can be run again.
 */
export function postgresStateSql(names: PostgresStateNames = {}): string {
  return schemaSql(namesOf(names));
}

type StandingRow = {
  readonly scope: string;
  readonly used: string;
  readonly held: string;
  readonly retryAfterMs: number | null;
};
type HoldRow = {
  readonly outcome: HoldAnswer['outcome'];
  readonly standings: ReadonlyArray<StandingRow>;
};
type HealthRow = (Omit<Health, 'lastFailureKind'> & { readonly lastFailureKind: string | null }) | null;

function namesOf({ schema = 'public', prefix = 'ai_composite' }: PostgresStateNames): SchemaNames {
  for (const [option, value] of Object.entries({ schema, prefix }))
    if (!/^[a-z_][a-z0-9_]{0,29}$/.test(value))
      refuse({
        path: ['postgresState', option],
        value,
        problem: 'must be a name of up to 30 small letters, digits and underscores',
      });
  return { schema, prefix };
}

/** Makes what is missing, once; where that failed it is tried again with the next question. */
function createReady({
  run,
  names,
  migrate,
}: {
  readonly run: RunStatement;
  readonly names: SchemaNames;
  readonly migrate: boolean;
}): () => Promise<void> {
  if (!migrate) return async () => undefined;
  let making: Promise<void> | undefined;
  const make = async (): Promise<void> => {
    const isReady = (await run({ text: isReadySql(names), values: [] })) === '1';
    if (!isReady) await run({ text: schemaSql(names), values: [] });
  };
  return () => {
    making ??= make().catch((error: unknown) => {
      making = undefined;
      throw error;
    });
    return making;
  };
}

/** Two statements that met, in a database that is strict about it: either may simply be run again. */
const conflicts: ReadonlySet<unknown> = new Set(['40001', '40P01']);

async function again<ANSWER>(work: () => Promise<ANSWER>): Promise<ANSWER> {
  for (let left = 2; ; left--) {
    try {
      return await work();
    } catch (error) {
      const code: unknown = Reflect.get(Object(error), 'code');
      if (left === 0 || !conflicts.has(code)) throw error;
    }
  }
}

/** JSON has neither: an amount is its digits, for ever is null. */
function inText(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  return value === Number.POSITIVE_INFINITY ? null : value;
}

function toStanding({ scope, used, held, retryAfterMs }: StandingRow): Standing {
  return {
    scope,
    used: BigInt(used),
    held: BigInt(held),
    ...(retryAfterMs !== null && { retryAfterMs }),
  };
}

function toHealth(row: HealthRow | undefined): Health {
  if (row === null || row === undefined) return healthy;
  const { lastFailureKind, ...known } = row;
  return lastFailureKind === null ? known : { ...known, lastFailureKind };
}
