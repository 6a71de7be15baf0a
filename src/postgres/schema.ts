/** Where the tables and functions are, and what they begin with. */
export type SchemaNames = { readonly schema: string; readonly prefix: string };

/** The number of this schema. Functions carry it in their names, so that processes of two versions can run at the same time. */
const version = 1;

/** A name as it stands in SQL. */
export function qualified({ schema, prefix }: SchemaNames) {
  return {
    table: (name: string) => `"${schema}"."${prefix}_${name}"`,
    call: (name: string) => `"${schema}"."${prefix}_${name}_v${version}"`,
  };
}

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
  const { table, call } = qualified(names);
  const [scopes, slices, holds, health, notes] = ['scopes', 'slices', 'holds', 'health', 'notes'].map(table);
  const milliseconds = (value: string) => `(${value}) * interval '1 millisecond'`;
  const kept = (value: string) =>
    `coalesce(clock_timestamp() + ${milliseconds(value)}, 'infinity'::timestamptz)`;
  return `do $migration$
begin
perform pg_advisory_xact_lock(hashtext('${names.schema}.${names.prefix}'));

create schema if not exists "${names.schema}";

create table if not exists ${scopes} (
  scope text primary key,
  used numeric(40, 0) not null default 0,
  held numeric(40, 0) not null default 0,
  leases_until timestamptz not null default 'infinity',
  keep_until timestamptz not null
) with (fillfactor = 50);
create index if not exists "${names.prefix}_scopes_keep_until" on ${scopes} (keep_until);

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
create index if not exists "${names.prefix}_health_keep_until" on ${health} (keep_until);

create table if not exists ${notes} (
  key text primary key,
  value text not null,
  keep_until timestamptz not null
);
create index if not exists "${names.prefix}_notes_keep_until" on ${notes} (keep_until);

-- Locks a scope, and brings it up to date: what is older than its window leaves it, leases that are over count as spent.
create or replace function ${call('scope')}(name text, sliding numeric) returns ${scopes} language plpgsql as $body$
declare
  own ${scopes};
  now timestamptz;
  gone numeric;
begin
  select * into own from ${scopes} where scope = name for update;
  if not found then return null; end if;
  now := clock_timestamp();
  if own.keep_until <= now then
    delete from ${scopes} where scope = name;
    return null;
  end if;
  if sliding is not null then
    with over as (
      delete from ${slices} where scope = name and until + ${milliseconds('sliding')} <= now returning amount
    ) select sum(amount) into gone from over;
    own.used := own.used - coalesce(gone, 0);
  end if;
  if own.leases_until <= now then
    delete from ${holds} where scope = name and slice is not null and lease_until <= now;
    -- What nobody has settled in a day nobody will.
    delete from ${holds} where scope = name and is_expired and lease_until <= now - interval '1 day';
    with over as (
      update ${holds} set is_expired = true where scope = name and not is_expired and lease_until <= now returning amount
    ) select sum(amount) into gone from over;
    own.held := own.held - coalesce(gone, 0);
    select coalesce(min(lease_until), 'infinity') into own.leases_until
      from ${holds} where scope = name and not is_expired;
  end if;
  if gone is not null then
    update ${scopes} set used = own.used, held = own.held, leases_until = own.leases_until where scope = name;
  end if;
  return own;
end $body$;

create or replace function ${call('standing')}(name text, own ${scopes}, wait numeric) returns jsonb language sql as $body$
  select jsonb_build_object('scope', name, 'used', coalesce(own.used, 0)::text, 'held', coalesce(own.held, 0)::text,
    'retryAfterMs', ceil(wait))
$body$;

-- Locks scopes in one order, so that statements that meet do not wait for each other.
create or replace function ${call('lock')}(windows jsonb) returns void language plpgsql as $body$
declare
  name text;
begin
  for name in select distinct value->>'scope' from jsonb_array_elements(windows) order by 1 loop
    perform from ${scopes} where scope = name for update;
  end loop;
end $body$;

create or replace function ${call('hold_one')}(request jsonb) returns jsonb language plpgsql as $body$
declare
  claim jsonb;
  own ${scopes};
  now timestamptz;
  lease timestamptz;
  place bigint;
  wait numeric;
  denied boolean := false;
  answers jsonb := '{}';
begin
  for claim in select value from jsonb_array_elements(request->'claims') order by value->>'scope' loop
    own := ${call('scope')}(claim->>'scope', (claim->>'slidingMs')::numeric);
    if own.scope is null then
      insert into ${scopes} (scope, keep_until) values (claim->>'scope', ${kept(`(claim->>'keepMs')::numeric`)})
        on conflict (scope) do nothing;
    end if;
    wait := null;
    if coalesce(own.used, 0) + (claim->>'amount')::numeric > (claim->>'limit')::numeric
      and not exists (select from ${holds} where scope = claim->>'scope' and id = request->>'id') then
      denied := true;
      if claim ? 'slidingMs' and own.scope is not null then
        select extract(epoch from until - clock_timestamp()) * 1000 + (claim->>'slidingMs')::numeric into wait from (
          select number, until, sum(amount) over (order by number) as leaves from ${slices} where scope = own.scope
        ) running
        where own.used - leaves + (claim->>'amount')::numeric <= (claim->>'limit')::numeric order by number limit 1;
      end if;
    end if;
    answers := answers || jsonb_build_object(claim->>'scope', ${call('standing')}(claim->>'scope', own, wait));
  end loop;

  if not denied then
    now := clock_timestamp();
    lease := now + ${milliseconds(`(request->>'leaseMs')::numeric`)};
    for claim in select value from jsonb_array_elements(request->'claims') loop
      if not exists (select from ${holds} where scope = claim->>'scope' and id = request->>'id') then
        place := null;
        if claim ? 'slidingMs' then
          select number into place from ${slices}
            where scope = claim->>'scope' and since + ${milliseconds(`(claim->>'slidingMs')::numeric / 1000`)} > now
            order by number desc limit 1;
          if place is null then
            select coalesce(max(number), 0) + 1 into place from ${slices} where scope = claim->>'scope';
            place := greatest(place, (extract(epoch from now) * 1000)::bigint);
            insert into ${slices} values (claim->>'scope', place, now, now, (claim->>'amount')::numeric);
          else
            update ${slices} set until = now, amount = amount + (claim->>'amount')::numeric
              where scope = claim->>'scope' and number = place;
          end if;
        end if;
        insert into ${holds} (scope, id, amount, lease_until, slice)
          values (claim->>'scope', request->>'id', (claim->>'amount')::numeric, lease, place);
        update ${scopes} set
          used = used + (claim->>'amount')::numeric,
          held = held + case when place is null then (claim->>'amount')::numeric else 0 end,
          leases_until = least(leases_until, lease),
          keep_until = greatest(keep_until, ${kept(`(claim->>'keepMs')::numeric`)})
          where scope = claim->>'scope' returning * into own;
        answers := answers || jsonb_build_object(claim->>'scope', ${call('standing')}(claim->>'scope', own, null));
      end if;
    end loop;
    if random() < 0.01 then
      delete from ${scopes} where scope in (
        select scope from ${scopes} where keep_until < clock_timestamp() limit 100 for update skip locked);
    end if;
  end if;

  return jsonb_build_object('outcome', case when denied then 'denied' else 'held' end, 'standings',
    (select jsonb_agg(answers->(value->>'scope') order by position)
      from jsonb_array_elements(request->'claims') with ordinality as claims (value, position)));
end $body$;

create or replace function ${call('hold')}(input text) returns text language plpgsql as $body$
declare
  requests jsonb := input::jsonb;
begin
  insert into ${scopes} (scope, keep_until)
    select claim->>'scope', max(${kept("(claim->>'keepMs')::numeric")})
      from jsonb_array_elements(requests) request, jsonb_array_elements(request->'claims') claim
      group by 1 order by 1
    on conflict (scope) do nothing;
  perform ${call('lock')}((select coalesce(jsonb_agg(claim), '[]')
    from jsonb_array_elements(requests) request, jsonb_array_elements(request->'claims') claim));
  return (select jsonb_agg(${call('hold_one')}(value) order by position)
    from jsonb_array_elements(requests) with ordinality as asked (value, position))::text;
end $body$;

create or replace function ${call('renew')}(input text) returns text language plpgsql as $body$
declare
  request jsonb := input::jsonb;
begin
  update ${holds} set lease_until = clock_timestamp() + ${milliseconds(`(request->>'leaseMs')::numeric`)}
    where id = request->>'id' and scope in (select jsonb_array_elements_text(request->'scopes'))
    and not is_expired and lease_until > clock_timestamp();
  return '';
end $body$;

create or replace function ${call('settle_one')}(request jsonb) returns jsonb language plpgsql as $body$
declare
  amount_used jsonb;
  own ${scopes};
  settled ${holds};
  change numeric;
  counts boolean;
  answers jsonb := '{}';
begin
  for amount_used in select value from jsonb_array_elements(request->'amounts') order by value->>'scope' loop
    own := ${call('scope')}(amount_used->>'scope', (amount_used->>'slidingMs')::numeric);
    if own.scope is not null then
      delete from ${holds} where scope = own.scope and id = request->>'id' returning * into settled;
      if found then
        change := (amount_used->>'amount')::numeric - settled.amount;
        counts := settled.slice is null;
        if settled.slice is not null then
          update ${slices} set amount = amount + change where scope = own.scope and number = settled.slice;
          counts := found;
        end if;
        update ${scopes} set
          used = used + case when counts then change else 0 end,
          held = held - case when settled.slice is null and not settled.is_expired then settled.amount else 0 end
          where scope = own.scope returning * into own;
      end if;
    end if;
    answers := answers || jsonb_build_object(amount_used->>'scope',
      ${call('standing')}(amount_used->>'scope', own, null));
  end loop;
  return (select jsonb_agg(answers->(value->>'scope') order by position)
    from jsonb_array_elements(request->'amounts') with ordinality as amounts (value, position));
end $body$;

create or replace function ${call('settle')}(input text) returns text language plpgsql as $body$
declare
  requests jsonb := input::jsonb;
begin
  perform ${call('lock')}((select coalesce(jsonb_agg(amount_used), '[]')
    from jsonb_array_elements(requests) request, jsonb_array_elements(request->'amounts') amount_used));
  return (select jsonb_agg(${call('settle_one')}(value) order by position)
    from jsonb_array_elements(requests) with ordinality as asked (value, position))::text;
end $body$;

create or replace function ${call('standings')}(input text) returns text language plpgsql as $body$
declare
  request jsonb := input::jsonb;
  asked jsonb;
  own ${scopes};
  answers jsonb := '{}';
begin
  for asked in select value from jsonb_array_elements(request) order by value->>'scope' loop
    own := ${call('scope')}(asked->>'scope', (asked->>'slidingMs')::numeric);
    answers := answers || jsonb_build_object(asked->>'scope', ${call('standing')}(asked->>'scope', own, null));
  end loop;
  return (select jsonb_agg(answers->(value->>'scope') order by position)
    from jsonb_array_elements(request) with ordinality as scopes (value, position))::text;
end $body$;

create or replace function ${call('known')}(own ${health}) returns jsonb language sql as $body$
  select jsonb_build_object('failures', own.failures, 'cooldowns', own.cooldowns, 'openings', own.openings,
    'isOpen', own.open_until is not null,
    'openForMs', greatest(0, ceil(coalesce(extract(epoch from own.open_until - clock_timestamp()), 0) * 1000)),
    'isProbing', coalesce(own.probe_token is not null and own.probe_until > clock_timestamp(), false),
    'lastFailureKind', own.last_kind)
$body$;

create or replace function ${call('health')}(input text) returns text language sql as $body$
  select coalesce(jsonb_agg(case when own.key is null then null else ${call('known')}(own) end order by position), '[]')::text
    from jsonb_array_elements_text(input::jsonb) with ordinality as asked (key, position)
    left join ${health} own on own.key = asked.key and own.keep_until > clock_timestamp()
$body$;

-- Locks what is known of a key, which is made where nobody has told of it.
create or replace function ${call('touch')}(name text, keep numeric) returns ${health} language plpgsql as $body$
declare
  own ${health};
begin
  insert into ${health} as known (key, keep_until) values (name, ${kept('keep')})
    on conflict (key) do update set key = known.key returning * into own;
  if own.keep_until <= clock_timestamp() then
    delete from ${health} where key = name;
    insert into ${health} (key, keep_until) values (name, ${kept('keep')}) returning * into own;
  end if;
  own.keep_until := greatest(own.keep_until, ${kept('keep')});
  return own;
end $body$;

create or replace function ${call('write')}(own ${health}) returns void language sql as $body$
  update ${health} set failures = own.failures, cooldowns = own.cooldowns, openings = own.openings,
    open_until = own.open_until, last_kind = own.last_kind, probe_token = own.probe_token,
    probe_until = own.probe_until, keep_until = own.keep_until where key = own.key
$body$;

create or replace function ${call('observe')}(input text) returns text language plpgsql as $body$
declare
  request jsonb := input::jsonb;
  seen jsonb := request->'observation';
  own ${health} := ${call('touch')}(request->>'key', (request->>'keepMs')::numeric);
begin
  if own.probe_token = request->>'token' then own.probe_token := null; end if;
  if seen->>'type' = 'success' then
    if own.open_until is null or own.openings = (seen->>'openings')::bigint then
      own.failures := 0; own.cooldowns := 0; own.open_until := null;
    end if;
  elsif seen->>'type' = 'failure' then
    own.failures := own.failures + (seen->>'failures')::bigint;
    own.last_kind := seen->>'kind';
    if (seen->>'isOpening')::boolean or (own.open_until is null and own.failures >= (seen->>'threshold')::bigint) then
      if own.open_until is null then own.openings := own.openings + 1; end if;
      own.cooldowns := least(own.cooldowns + 1, 30);
      own.open_until := greatest(own.open_until, clock_timestamp() + ${milliseconds(`(seen->>'cooldownMs')::numeric`)});
    end if;
  elsif seen->>'type' = 'reset' then
    own.failures := 0; own.cooldowns := 0; own.open_until := null; own.last_kind := null; own.probe_token := null;
  end if;
  perform ${call('write')}(own);
  if random() < 0.01 then
    delete from ${health} where key in (
      select key from ${health} where keep_until < clock_timestamp() limit 100 for update skip locked);
  end if;
  return ${call('known')}(own)::text;
end $body$;

create or replace function ${call('try_probe')}(input text) returns text language plpgsql as $body$
declare
  request jsonb := input::jsonb;
  own ${health} := ${call('touch')}(request->>'key', (request->>'leaseMs')::numeric);
begin
  if own.probe_token <> request->>'token' and own.probe_until > clock_timestamp() then return 'false'; end if;
  own.probe_token := request->>'token';
  own.probe_until := clock_timestamp() + ${milliseconds(`(request->>'leaseMs')::numeric`)};
  perform ${call('write')}(own);
  return 'true';
end $body$;

create or replace function ${call('read_note')}(input text) returns text language sql as $body$
  select value from ${notes} where key = input::jsonb->>'key' and keep_until > clock_timestamp()
$body$;

create or replace function ${call('write_note')}(input text) returns text language plpgsql as $body$
declare
  request jsonb := input::jsonb;
begin
  insert into ${notes} values (request->>'key', request->>'value', ${kept(`(request->>'keepMs')::numeric`)})
    on conflict (key) do update set value = excluded.value, keep_until = excluded.keep_until;
  if random() < 0.01 then
    delete from ${notes} where key in (
      select key from ${notes} where keep_until < clock_timestamp() limit 100 for update skip locked);
  end if;
  return '';
end $body$;
end $migration$`;
}
