/** One step in Redis, on one key. Its name is for people. */
export type Script = { readonly name: string; readonly text: string };

/** Numbers of Lua are doubles: an amount is two of them, whole parts of 10^12 and the rest, which stay exact below 9 * 10^27. */
export const limb = 1_000_000_000_000n;

const clock = `
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local key = KEYS[1]
-- Before anything is written: -2 where there is no key, -1 where it stays for ever.
local ttl = redis.call('PTTL', key)
local function keep(ms)
  if ms == '' then
    if ttl >= 0 then redis.call('PERSIST', key) end
  elseif ttl ~= -1 and ttl < tonumber(ms) then
    redis.call('PEXPIRE', key, ms)
  end
end
`;

/**
 * A scope is a hash: `u U` what is used, `e E` the part of it that is held, `x` when a lease may be over, `f l` its first and last
 * slice, `s<n>` a slice (amount, since, until), `h<id>` a hold (amount, end of its lease, below 0 where it is over, slice or 0). What nobody has settled in a day is forgotten.
 */
const scope = `${clock}
local LIMB = 1000000000000
local function text(number) return string.format('%.0f', number) end
local function add(a, A, b, B)
  local low = A + B
  if low >= LIMB then return a + b + 1, low - LIMB end
  return a + b, low
end
local function sub(a, A, b, B)
  local low = A - B
  if low < 0 then return a - b - 1, low + LIMB end
  return a - b, low
end
local function above(a, A, b, B) return a > b or (a == b and A > B) end
local function numbers(line)
  local found = {}
  for number in string.gmatch(line, '[^ ]+') do found[#found + 1] = tonumber(number) end
  return found
end
local function line(...)
  local parts = {}
  for index, number in ipairs({...}) do parts[index] = text(number) end
  return table.concat(parts, ' ')
end
local read = redis.call('HMGET', key, 'u', 'U', 'e', 'E', 'x', 'f', 'l')
local u, U, e, E = tonumber(read[1] or 0), tonumber(read[2] or 0), tonumber(read[3] or 0), tonumber(read[4] or 0)
local x, f, l = tonumber(read[5] or 0), tonumber(read[6] or 1), tonumber(read[7] or 0)
local exists = read[1] ~= false
local function save()
  redis.call('HSET', key, 'u', text(u), 'U', text(U), 'e', text(e), 'E', text(E), 'x', text(x), 'f', text(f), 'l', text(l))
end
local function slide(sliding)
  while f <= l do
    local slice = numbers(redis.call('HGET', key, 's' .. text(f)))
    if slice[4] + sliding > now then return end
    u, U = sub(u, U, slice[1], slice[2])
    redis.call('HDEL', key, 's' .. text(f))
    f = f + 1
  end
end
local function expire()
  if x == 0 or now < x then return end
  local all, soonest = redis.call('HGETALL', key), 0
  for index = 1, #all, 2 do
    if string.sub(all[index], 1, 1) == 'h' then
      local hold = numbers(all[index + 1])
      if hold[3] > now then
        if soonest == 0 or hold[3] < soonest then soonest = hold[3] end
      elseif hold[4] ~= 0 then
        redis.call('HDEL', key, all[index])
      elseif hold[3] < 0 then
        if now + hold[3] > 86400000 then redis.call('HDEL', key, all[index]) end
      else
        e, E = sub(e, E, hold[1], hold[2])
        redis.call('HSET', key, all[index], line(hold[1], hold[2], -hold[3], 0))
      end
    end
  end
  x = soonest
  if x ~= 0 and x < now + 100 then x = now + 100 end
end
local function update(sliding)
  if not exists then return end
  if sliding ~= '' then slide(tonumber(sliding)) end
  expire()
  save()
end
local function answer(outcome, wait)
  return '=' .. outcome .. ' ' .. line(u, U, e, E, wait or -1)
end
`;

/** id, amount (2), limit (2, or empty), lease, keep, sliding. */
export const holdScript: Script = {
  name: 'hold',
  text: `${scope}
local id, a, A, m, M, lease, kept, sliding =
  ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4], ARGV[5], tonumber(ARGV[6]), ARGV[7], ARGV[8]
update(sliding)
if redis.call('HEXISTS', key, 'h' .. id) == 1 then return answer('held') end
local b, B = add(u, U, a, A)
if m ~= '' and above(b, B, tonumber(m), tonumber(M)) then
  local wait, n, w, W = -1, f, u, U
  while sliding ~= '' and n <= l and wait < 0 do
    local slice = numbers(redis.call('HGET', key, 's' .. text(n)))
    w, W = sub(w, W, slice[1], slice[2])
    local c, C = add(w, W, a, A)
    if not above(c, C, tonumber(m), tonumber(M)) then wait = slice[4] + tonumber(sliding) - now end
    n = n + 1
  end
  return answer('denied', wait)
end
u, U = b, B
local number = 0
if sliding == '' then
  e, E = add(e, E, a, A)
else
  local slice = f <= l and numbers(redis.call('HGET', key, 's' .. text(l)))
  if slice and now - slice[3] < tonumber(sliding) / 1000 then
    slice[1], slice[2] = add(slice[1], slice[2], a, A)
  else
    l = l + 1
    slice = { a, A, now }
  end
  redis.call('HSET', key, 's' .. text(l), line(slice[1], slice[2], slice[3], now))
  number = l
end
local ends = now + lease
if x == 0 or ends < x then x = ends end
redis.call('HSET', key, 'h' .. id, line(a, A, ends, number))
keep(kept)
save()
return answer('held')
`,
};

/** id, lease. */
export const renewScript: Script = {
  name: 'renew',
  text: `${scope}
local found = redis.call('HGET', key, 'h' .. ARGV[1])
if not found then return '=' end
local hold = numbers(found)
if hold[3] > now then redis.call('HSET', key, 'h' .. ARGV[1], line(hold[1], hold[2], now + tonumber(ARGV[2]), hold[4])) end
return '='
`,
};

/** id, amount (2), sliding. */
export const settleScript: Script = {
  name: 'settle',
  text: `${scope}
update(ARGV[4])
local found = redis.call('HGET', key, 'h' .. ARGV[1])
if not found then return answer('settled') end
local hold, a, A = numbers(found), tonumber(ARGV[2]), tonumber(ARGV[3])
redis.call('HDEL', key, 'h' .. ARGV[1])
if hold[4] == 0 and hold[3] > 0 then e, E = sub(e, E, hold[1], hold[2]) end
if hold[4] == 0 or hold[4] >= f then
  u, U = sub(u, U, hold[1], hold[2])
  u, U = add(u, U, a, A)
  if hold[4] ~= 0 then
    local field = 's' .. text(hold[4])
    local slice = numbers(redis.call('HGET', key, field))
    slice[1], slice[2] = sub(slice[1], slice[2], hold[1], hold[2])
    slice[1], slice[2] = add(slice[1], slice[2], a, A)
    redis.call('HSET', key, field, line(unpack(slice)))
  end
end
save()
return answer('settled')
`,
};

/** sliding. */
export const standingScript: Script = {
  name: 'standing',
  text: `${scope}
update(ARGV[1])
return answer('standing')
`,
};

/**
 * Health is a hash: `f` failures, `c` cooldowns, `o` openings, `u` open until, or empty, `k` the last kind, `p q` the token of the
 * probe and the end of its lease.
 */
const health = `${clock}
local read = redis.call('HMGET', key, 'f', 'c', 'o', 'u', 'k', 'p', 'q')
local f, c, o, u = tonumber(read[1] or 0), tonumber(read[2] or 0), tonumber(read[3] or 0), read[4] or ''
local k, p, q = read[5] or '', read[6] or '', tonumber(read[7] or 0)
local function text(number) return string.format('%.0f', number) end
local function save()
  redis.call('HSET', key, 'f', text(f), 'c', text(c), 'o', text(o), 'u', u, 'k', k, 'p', p, 'q', text(q))
end
local function answer()
  local open = u ~= '' and 1 or 0
  local left = open == 1 and math.max(0, tonumber(u) - now) or 0
  local probing = p ~= '' and q > now and 1 or 0
  return '=' .. text(f) .. ' ' .. text(c) .. ' ' .. text(o) .. ' ' .. open .. ' ' .. text(left) .. ' ' .. probing .. ' ' .. k
end
`;

export const healthScript: Script = { name: 'health', text: `${health}\nreturn answer()\n` };

/** type, token, keep; openings of a success; failures, threshold, isOpening, cooldown and kind of a failure. */
export const observeScript: Script = {
  name: 'observe',
  text: `${health}
local type, token = ARGV[1], ARGV[2]
if token ~= '' and p == token then p, q = '', 0 end
if type == 'success' then
  if u == '' or o == tonumber(ARGV[4]) then f, c, u = 0, 0, '' end
elseif type == 'failure' then
  local closed = u == ''
  f = f + tonumber(ARGV[4])
  k = ARGV[8]
  if ARGV[6] == '1' or (closed and f >= tonumber(ARGV[5])) then
    if closed then o = o + 1 end
    c = math.min(c + 1, 30)
    u = text(math.max(tonumber(u) or 0, now + tonumber(ARGV[7])))
  end
elseif type == 'reset' then
  f, c, u, k, p, q = 0, 0, '', '', '', 0
end
save()
keep(ARGV[3])
return answer()
`,
};

/** token, lease. */
export const probeScript: Script = {
  name: 'probe',
  text: `${health}
if p ~= '' and q > now and p ~= ARGV[1] then return '=0' end
p, q = ARGV[1], now + tonumber(ARGV[2])
save()
keep(ARGV[2])
return '=1'
`,
};

export const readNoteScript: Script = {
  name: 'read note',
  text: `local note = redis.call('GET', KEYS[1])
return note and '=' .. note or '-'
`,
};

/** value, keep. */
export const writeNoteScript: Script = {
  name: 'write note',
  text: `if ARGV[2] == '' then redis.call('SET', KEYS[1], ARGV[1]) else redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) end
return '='
`,
};
