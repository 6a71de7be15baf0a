import type { Words } from './names.ts';

/** Reading a scope: locked, up to date, and as an answer. */
export const scopeSql = ({
  call,
  scopes,
  slices,
  holds,
  milliseconds,
}: Words): string => `-- Locks a scope, and brings it up to date: what is older than its window leaves it, leases that are over count as spent.
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

`;
