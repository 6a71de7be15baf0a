import { InvalidArgumentError } from '@ai-sdk/provider';
import * as z from 'zod/v4';
import { meant } from './meant.ts';

/** An object of options that takes these keys and no others; a misspelt key is answered with those there are. */
export function strictOptions<const SHAPE extends z.ZodRawShape>(shape: SHAPE) {
  return z.strictObject(shape, {
    error: issue => {
      const known = Object.keys(shape);
      if (issue.code === 'unrecognized_keys') return hasNoOption({ unknown: issue.keys, known });
      return issue.code === 'invalid_type' ? mustBeOptions(known) : undefined;
    },
  });
}

function mustBeOptions(known: ReadonlyArray<string>): string {
  return `must be an object of options: ${known.join(', ')}`;
}

function hasNoOption({
  unknown,
  known,
}: {
  readonly unknown: ReadonlyArray<string>;
  readonly known: ReadonlyArray<string>;
}): string {
  const told = unknown.map(name => {
    const hint = meant({ name, known });
    return hint === undefined ? JSON.stringify(name) : `${JSON.stringify(name)} (${hint})`;
  });
  return `has no option ${told.join(', ')}; it takes ${known.join(', ')}`;
}

/** What options must be, by name: each schema is made when its option is first given. */
export type OptionSchemas = Readonly<Record<string, () => z.ZodType>>;

/**
 * Checks an object of options that takes these and no others; refuses it with its first problem. As a schema of the whole
 * it would make the schemas of options that nobody gives.
 */
export function checkOptions({
  schemas,
  needed,
  value,
  path,
}: {
  readonly schemas: OptionSchemas;
  /** The one option that cannot be left out. */
  readonly needed?: string;
  readonly value: unknown;
  readonly path: ReadonlyArray<string>;
}): void {
  const known = Object.keys(schemas);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    refuse({ path, value, problem: mustBeOptions(known) });
  const unknown: string[] = [];
  for (const name in value) if (!Object.hasOwn(schemas, name)) unknown.push(name);
  if (unknown.length > 0) {
    const isMissing = needed !== undefined && Reflect.get(value, needed) === undefined;
    const first = isMissing ? `${needed} is missing, which ${problemOf(schemas[needed])}; ` : '';
    refuse({ path, value, problem: `${first}${hasNoOption({ unknown, known })}` });
  }
  for (const [name, schema] of Object.entries(schemas)) {
    const own: unknown = Reflect.get(value, name);
    if (own !== undefined || name === needed) check({ schema: schema(), value: own, path: [...path, name] });
  }
}

/** What an option that is left out must be. */
function problemOf(schema: (() => z.ZodType) | undefined): string {
  return schema?.().safeParse(undefined).error?.issues[0]?.message ?? 'it is needed';
}

/** Checks a value; refuses it with its first problem. */
export function check({
  schema,
  value,
  path,
}: {
  readonly schema: z.ZodType;
  readonly value: unknown;
  readonly path: ReadonlyArray<string>;
}): void {
  // Settings are read once: to compile a reader for them takes longer than they do.
  const parsed = schema.safeParse(value, { jitless: true });
  if (parsed.success) return;
  // A key with another name leaves the right one missing, which says less.
  const { issues } = parsed.error;
  const first = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0];
  if (first === undefined) return;
  const { keys, message } = innermost({ issue: first, keys: first.path.map(String) });
  const at = keys.reduce<unknown>(
    (current, key) =>
      typeof current === 'object' && current !== null ? Reflect.get(current, key) : undefined,
    value,
  );
  refuse({ path: [...path, ...keys], value: at, problem: message, cause: parsed.error });
}

/** A bad key of a record, or a value that fits no branch of a union, wraps the words that say what is wrong with it. */
function innermost({
  issue,
  keys,
}: {
  readonly issue: z.core.$ZodIssue;
  readonly keys: ReadonlyArray<string>;
}): { readonly keys: ReadonlyArray<string>; readonly message: string } {
  if (issue.code === 'invalid_key') return { keys, message: issue.issues[0]?.message ?? issue.message };
  if (issue.code !== 'invalid_union') return { keys, message: issue.message };
  // The branch that got furthest is the one that was meant.
  const deepest = issue.errors.flat().sort((one, other) => other.path.length - one.path.length)[0];
  if (deepest === undefined || deepest.path.length === 0) return { keys, message: issue.message };
  return innermost({ issue: deepest, keys: [...keys, ...deepest.path.map(String)] });
}

/** Throws `InvalidArgumentError` that names the option, echoes the value and says what it must be. */
export function refuse({
  path,
  value,
  problem,
  cause,
}: {
  readonly path: ReadonlyArray<string>;
  readonly value: unknown;
  readonly problem: string;
  readonly cause?: unknown;
}): never {
  const argument = path.length === 0 ? 'settings' : path.join('.');
  throw new InvalidArgumentError({
    argument,
    message: `Invalid ${argument}: ${problem} (got ${echo(value)}).`,
    cause,
  });
}

/** Shows a value without what may be inside it: settings can hold keys. */
function echo(value: unknown): string {
  if (value === undefined || value === null || typeof value === 'number' || typeof value === 'boolean')
    return String(value);
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return value.length === 0 ? '[]' : `a list of ${value.length}`;
  return `an object with ${Object.keys(value).join(', ') || 'no keys'}`;
}
