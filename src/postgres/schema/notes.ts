import type { Words } from './names.ts';

/** Small texts that expire. */
export const noteSql = ({
  call,
  notes,
  kept,
}: Words): string => `create or replace function ${call('read_note')}(input text) returns text language sql as $body$
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
`;
