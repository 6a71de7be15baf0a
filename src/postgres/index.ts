/**
 * Keeps what calls share in Postgres, for several processes.
 *
 * @packageDocumentation
 */

export type { PostgresClient, QueryClient, UnsafeClient } from './client.ts';
export {
  type PostgresStateNames,
  type PostgresStateSettings,
  postgresState,
  postgresStateSql,
} from './postgres-state.ts';
