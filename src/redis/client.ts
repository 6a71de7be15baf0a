import type { Script } from './scripts.ts';

/** A client as `ioredis` and `iovalkey` have it, a cluster too. */
export type IoRedisClient = {
  /** Runs a script by its text. */
  readonly eval: (script: string, keys: number, ...keysAndValues: string[]) => Promise<unknown>;
  /** Runs a script that the server has, by its hash. */
  readonly evalsha: (sha: string, keys: number, ...keysAndValues: string[]) => Promise<unknown>;
  /** Tells this client from the others. */
  readonly defineCommand: (...input: never[]) => unknown;
};

/** A client as `redis` has it, from version 4 on, a cluster too. */
export type NodeRedisClient = {
  /** Runs a script by its text. */
  readonly eval: (script: string, options: ScriptOptions) => Promise<unknown>;
  /** Runs a script that the server has, by its hash. */
  readonly evalSha: (sha: string, options: ScriptOptions) => Promise<unknown>;
};

type ScriptOptions = { keys: string[]; arguments: string[] };

/** A client as `@upstash/redis` has it. */
export type UpstashClient = {
  /** Runs a script by its text. */
  readonly eval: (script: string, keys: string[], values: string[]) => Promise<unknown>;
  /** Runs a script that the server has, by its hash. */
  readonly evalsha: (sha: string, keys: string[], values: string[]) => Promise<unknown>;
};

/** A client that the user has, taken by its shape. */
export type RedisClient = IoRedisClient | NodeRedisClient | UpstashClient;

/** Runs a script on its key. */
export type RunScript = (run: {
  readonly script: Script;
  readonly key: string;
  readonly values: ReadonlyArray<string>;
}) => Promise<string>;

type Send = (call: {
  /** Runs what the server has by this name, or a text it may not have. */
  readonly by: 'sha' | 'text';
  readonly script: string;
  readonly key: string;
  readonly values: ReadonlyArray<string>;
}) => Promise<unknown>;

/** True for a client that can run scripts. */
export function isRedisClient(value: unknown): value is RedisClient {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  const has = (name: string) => typeof Reflect.get(value, name) === 'function';
  return has('eval') && (has('evalsha') || has('evalSha'));
}

/** Runs scripts by their hash; a server that has not, or no longer, seen one is sent its text. */
export function createRunScript(client: RedisClient): RunScript {
  const send = sendBy(client);
  const shas = new Map<string, Promise<string>>();
  return async ({ script: { name, text }, key, values }) => {
    let sha = shas.get(name);
    if (sha === undefined) {
      sha = sha1(text);
      shas.set(name, sha);
    }
    const answer = await send({ by: 'sha', script: await sha, key, values }).catch((error: unknown) => {
      if (!isUnknownScript(error)) throw error;
      return send({ by: 'text', script: text, key, values });
    });
    if (typeof answer === 'string') return answer;
    if (answer instanceof Uint8Array) return new TextDecoder().decode(answer);
    throw new TypeError(`The Redis client answered ${typeof answer} where a text was due.`);
  };
}

function sendBy(client: RedisClient): Send {
  if ('evalSha' in client)
    return ({ by, script, key, values }) => {
      const options = { keys: [key], arguments: [...values] };
      return by === 'sha' ? client.evalSha(script, options) : client.eval(script, options);
    };
  if ('defineCommand' in client)
    return ({ by, script, key, values }) =>
      by === 'sha' ? client.evalsha(script, 1, key, ...values) : client.eval(script, 1, key, ...values);
  return ({ by, script, key, values }) =>
    by === 'sha' ? client.evalsha(script, [key], [...values]) : client.eval(script, [key], [...values]);
}

/** Servers and clients give it no code; it is the first word of what the server says. */
function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.includes('NOSCRIPT');
}

async function sha1(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-1', new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), byte => byte.toString(16).padStart(2, '0')).join('');
}
