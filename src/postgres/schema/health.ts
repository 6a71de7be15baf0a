import type { Words } from './names.ts';

/** What is known of candidates, and who may probe one. */
export const healthSql = ({
  call,
  health,
  milliseconds,
  kept,
}: Words): string => `create or replace function ${call('known')}(own ${health}) returns jsonb language sql as $body$
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

`;
