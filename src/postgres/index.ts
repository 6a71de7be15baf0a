export type { PostgresClient, QueryClient, UnsafeClient } from './client.ts';
export {
  type PostgresStateNames,
  type PostgresStateSettings,
  postgresState,
  postgresStateSql,
} from './postgres-state.ts';
