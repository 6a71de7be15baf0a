import type { Words } from './names.ts';

/** Holding and renewing: all scopes of a request, or none. */
export const holdSql = ({
  call,
  scopes,
  slices,
  holds,
  milliseconds,
  kept,
}: Words): string => `create or replace function ${call('hold_one')}(request jsonb) returns jsonb language plpgsql as $body$
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

`;
