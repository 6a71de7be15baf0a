import type { Words } from './names.ts';

/** The tables, and what finds their old rows. */
export const tablesSql = ({
  prefix,
  scopes,
  slices,
  holds,
  health,
  notes,
}: Words): string => `create table if not exists ${scopes} (
  scope text primary key,
  used numeric(40, 0) not null default 0,
  held numeric(40, 0) not null default 0,
  leases_until timestamptz not null default 'infinity',
  keep_until timestamptz not null
) with (fillfactor = 50);
create index if not exists "${prefix}_scopes_keep_until" on ${scopes} (keep_until);

create table if not exists ${slices} (
  scope text not null references ${scopes} on delete cascade,
  number bigint not null,
  since timestamptz not null,
  until timestamptz not null,
  amount numeric(40, 0) not null,
  primary key (scope, number)
) with (fillfactor = 50);

create table if not exists ${holds} (
  scope text not null references ${scopes} on delete cascade,
  id text not null,
  amount numeric(40, 0) not null,
  lease_until timestamptz not null,
  is_expired boolean not null default false,
  slice bigint,
  primary key (scope, id)
);

create table if not exists ${health} (
  key text primary key,
  failures bigint not null default 0,
  cooldowns int not null default 0,
  openings bigint not null default 0,
  open_until timestamptz,
  last_kind text,
  probe_token text,
  probe_until timestamptz,
  keep_until timestamptz not null
) with (fillfactor = 50);
create index if not exists "${prefix}_health_keep_until" on ${health} (keep_until);

create table if not exists ${notes} (
  key text primary key,
  value text not null,
  keep_until timestamptz not null
);
create index if not exists "${prefix}_notes_keep_until" on ${notes} (keep_until);

`;
