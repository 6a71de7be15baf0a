import { healthSql } from './health.ts';
import { holdSql } from './holding.ts';
import { qualified, type SchemaNames, wordsOf } from './names.ts';
import { noteSql } from './notes.ts';
import { scopeSql } from './scopes.ts';
import { settleSql } from './settling.ts';
import { tablesSql } from './tables.ts';

/** Whether everything is there: one statement that answers `1` or `0`. */
export function isReadySql(names: SchemaNames): string {
  const { call } = qualified(names);
  return `select count(to_regprocedure('${call('write_note')}(text)'))::int::text as answer`;
}

/**
 * Makes the tables and functions, or what is missing of them, and destroys nothing: one statement, which several processes may
 * run at the same time. Amounts are `numeric`, times are the database's own.
 */
export function schemaSql(names: SchemaNames): string {
  const parts = [tablesSql, scopeSql, holdSql, settleSql, healthSql, noteSql].map(sql => sql(wordsOf(names)));
  return `do $migration$
begin
perform pg_advisory_xact_lock(hashtext('${names.schema}.${names.prefix}'));

create schema if not exists "${names.schema}";

${parts.join('')}end $migration$`;
}
