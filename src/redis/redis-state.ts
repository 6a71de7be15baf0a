import { refuse } from '../boundary/check.ts';
import { storeOf } from '../state/shared/store-of.ts';
import type { Health, HoldAnswer, Observation, ScopeWindow, Standing, StateStore } from '../state/store.ts';
import { createRunScript, isRedisClient, type RedisClient, type RunScript } from './client.ts';
import {
  healthScript,
  holdScript,
  limb,
  observeScript,
  probeScript,
  readNoteScript,
  renewScript,
  settleScript,
  standingScript,
  writeNoteScript,
} from './scripts.ts';

/** What `redisState` takes. */
export type RedisStateSettings = {
  /** Your client of `ioredis`, `iovalkey`, `redis` (connected) or `@upstash/redis`; also a cluster's. It stays yours to close. */
  readonly client: RedisClient;
  /** Stands before every key; default `'ai-composite:'`. */
  readonly prefix?: string;
  /** How long an answer is waited for before Redis counts as away, in milliseconds; default 1,000. */
  readonly timeoutMs?: number;
};

/**
 * Keeps what calls share in Redis 5 or newer, Valkey, or what speaks their protocol. One script a verb, each on one key, so a
 * cluster works; keys expire by themselves and there is nothing to set up. Throws `InvalidArgumentError` on settings that cannot
 * work.
 *
 * A hold in several scopes is a script on each of their keys, sent at once; what was held is given back where one of them denies.
 *
 * @example
 * const ai = createComposite({ tasks, state: redisState({ client: new Redis('redis://127.0.0.1:6379') }) });
 */
export function redisState({
  client,
  prefix = 'ai-composite:',
  timeoutMs = 1_000,
}: RedisStateSettings): StateStore {
  if (!isRedisClient(client))
    refuse({
      path: ['redisState', 'client'],
      value: client,
      problem: 'must be a client of ioredis, iovalkey, redis or @upstash/redis, such as new Redis(url)',
    });
  return storeOf({
    owner: client,
    name: `${timeoutMs} ${prefix}`,
    make: () => createStore({ client, prefix, timeoutMs }),
  });
}

function createStore({ client, prefix, timeoutMs }: Required<RedisStateSettings>): StateStore {
  const run = createRunScript(client);
  const keys = {
    scope: (scope: string) => `${prefix}scope:${scope}`,
    health: (key: string) => `${prefix}health:${key}`,
    note: (key: string) => `${prefix}note:${key}`,
  };
  return {
    timeoutMs,
    ...healthVerbs({ run, keyOf: keys.health }),
    ...scopeVerbs({ run, keyOf: keys.scope }),
    readNote: async key => {
      const answer = await run({ script: readNoteScript, key: keys.note(key), values: [] });
      return answer.startsWith('=') ? answer.slice(1) : undefined;
    },
    writeNote: async ({ key, value, keepMs }) => {
      await run({ script: writeNoteScript, key: keys.note(key), values: [value, duration(keepMs)] });
    },
  };
}

type Verbs = { readonly run: RunScript; readonly keyOf: (name: string) => string };

function scopeVerbs({ run, keyOf }: Verbs): Pick<StateStore, 'hold' | 'renew' | 'settle' | 'standings'> {
  const settle: StateStore['settle'] = ({ id, amounts }) =>
    Promise.all(
      amounts.map(async ({ scope, amount, slidingMs }) => {
        const values = [id, ...limbs(amount), sliding(slidingMs)];
        return readStanding({ scope, answer: await run({ script: settleScript, key: keyOf(scope), values }) })
          .standing;
      }),
    );

  return {
    hold: async ({ id, claims, leaseMs }): Promise<HoldAnswer> => {
      const answers = await Promise.all(
        claims.map(async claim => {
          const { scope, amount, limit, keepMs, slidingMs } = claim;
          const bounds = limit === undefined ? ['', ''] : limbs(limit);
          const values = [
            id,
            ...limbs(amount),
            ...bounds,
            duration(leaseMs),
            duration(keepMs),
            sliding(slidingMs),
          ];
          const answer = await run({ script: holdScript, key: keyOf(scope), values });
          return { claim, ...readStanding({ scope, answer }) };
        }),
      );
      if (answers.every(({ isHeld }) => isHeld))
        return { outcome: 'held', standings: answers.map(({ standing }) => standing) };
      // Whoever asks again at once, for less, must not meet what was held for this.
      const held = answers.filter(({ isHeld }) => isHeld);
      const given = await settle({
        id,
        amounts: held.map(({ claim }) => ({ ...windowOf(claim), amount: 0n })),
      });
      return {
        outcome: 'denied',
        standings: answers.map(answer => given[held.indexOf(answer)] ?? answer.standing),
      };
    },
    renew: async ({ id, scopes, leaseMs }) => {
      const values = [id, duration(leaseMs)];
      await Promise.all(scopes.map(scope => run({ script: renewScript, key: keyOf(scope), values })));
    },
    settle,
    standings: windows =>
      Promise.all(
        windows.map(async ({ scope, slidingMs }) => {
          const values = [sliding(slidingMs)];
          return readStanding({
            scope,
            answer: await run({ script: standingScript, key: keyOf(scope), values }),
          }).standing;
        }),
      ),
  };
}

function healthVerbs({ run, keyOf }: Verbs): Pick<StateStore, 'observe' | 'health' | 'tryProbe'> {
  return {
    observe: async ({ key, observation, token = '', keepMs }) => {
      const values = [observation.type, token, duration(keepMs), ...valuesOf(observation)];
      return readHealth(await run({ script: observeScript, key: keyOf(key), values }));
    },
    health: keys =>
      Promise.all(
        keys.map(async key => readHealth(await run({ script: healthScript, key: keyOf(key), values: [] }))),
      ),
    tryProbe: async ({ key, token, leaseMs }) => {
      const values = [token, duration(leaseMs)];
      return (await run({ script: probeScript, key: keyOf(key), values })) === '=1';
    },
  };
}

function valuesOf(observation: Observation): ReadonlyArray<string> {
  if (observation.type === 'success') return [String(observation.openings)];
  if (observation.type !== 'failure') return [];
  const { failures, threshold, isOpening, cooldownMs, kind } = observation;
  return [String(failures), String(threshold), isOpening ? '1' : '0', duration(cooldownMs), kind];
}

function windowOf({ scope, slidingMs }: ScopeWindow): ScopeWindow {
  return { scope, ...(slidingMs !== undefined && { slidingMs }) };
}

function limbs(amount: bigint): readonly [string, string] {
  return [String(amount / limb), String(amount % limb)];
}

function sliding(slidingMs: number | undefined): string {
  return slidingMs === undefined ? '' : duration(slidingMs);
}

/** Whole milliseconds; empty for ever. */
function duration(ms: number): string {
  return ms === Number.POSITIVE_INFINITY ? '' : String(Math.max(1, Math.ceil(ms)));
}

/** `=held u U e E wait` */
function readStanding({ scope, answer }: { readonly scope: string; readonly answer: string }): {
  readonly isHeld: boolean;
  readonly standing: Standing;
} {
  const [outcome, used = '0', usedRest = '0', held = '0', heldRest = '0', wait = '-1'] = answer
    .slice(1)
    .split(' ');
  const retryAfterMs = Number(wait);
  return {
    isHeld: outcome === 'held',
    standing: {
      scope,
      used: BigInt(used) * limb + BigInt(usedRest),
      held: BigInt(held) * limb + BigInt(heldRest),
      ...(retryAfterMs >= 0 && { retryAfterMs }),
    },
  };
}

/** `=failures cooldowns openings open left probing kind` */
function readHealth(answer: string): Health {
  const [failures, cooldowns, openings, isOpen, openForMs, isProbing, kind] = answer.slice(1).split(' ');
  return {
    failures: Number(failures),
    cooldowns: Number(cooldowns),
    openings: Number(openings),
    isOpen: isOpen === '1',
    openForMs: Number(openForMs),
    isProbing: isProbing === '1',
    ...(kind !== undefined && kind !== '' && { lastFailureKind: kind }),
  };
}
