import type { Words } from './names.ts';

/** Settling, and reading where scopes stand. */
export const settleSql = ({
  call,
  scopes,
  slices,
  holds,
}: Words): string => `create or replace function ${call('settle_one')}(request jsonb) returns jsonb language plpgsql as $body$
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

`;
