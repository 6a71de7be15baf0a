import { InvalidArgumentError } from '@ai-sdk/provider';
import type { z } from 'zod';

/** Parses a value; refuses it with its first problem. */
export function check({
  schema,
  value,
  path,
}: {
  readonly schema: z.ZodType;
  readonly value: unknown;
  readonly path: ReadonlyArray<string>;
}): void {
  const parsed = schema.safeParse(value);
  if (parsed.success) return;
  const [issue] = parsed.error.issues;
  if (issue === undefined) return;
  const keys = issue.path.map(String);
  const at = keys.reduce<unknown>(
    (current, key) =>
      typeof current === 'object' && current !== null ? Reflect.get(current, key) : undefined,
    value,
  );
  // A record's bad key wraps the schema's own words about it.
  const problem = issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message;
  refuse({ path: [...path, ...keys], value: at, problem, cause: parsed.error });
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
