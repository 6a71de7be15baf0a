import type { CostFlag } from '../cost.ts';

/** Reads a token count: a finite number of at least 0, rounded; anything else is no count. */
export function tokenCount(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER
    ? Math.round(value)
    : undefined;
}

/** Tells whether one of the numbers cannot be a count: negative, infinite or not a number. */
export function hasInvalidCount(counts: object): boolean {
  for (const name in counts) {
    const value = fieldOf(counts, name);
    if (typeof value === 'number' && tokenCount(value) === undefined) return true;
  }
  return false;
}

/** Reads a field of something that may not be an object. */
export function fieldOf(value: unknown, name: string): unknown {
  return isObject(value) ? value[name] : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** Reads a token count from a field of something that may not be an object. */
export function countOf(value: unknown, name: string): number | undefined {
  return tokenCount(fieldOf(value, name));
}

/** Makes a `countOf` that flags numbers which cannot be counts. */
export function createCountOf(flags: CostFlag[]): typeof countOf {
  return (value, name) => {
    const field = fieldOf(value, name);
    const count = tokenCount(field);
    if (count === undefined && typeof field === 'number') flags.push('count-invalid');
    return count;
  };
}

/**
 * The first count above 0, else the first count there is: servers write one fact into several fields and leave some
 * 0.
 */
export function firstCount(...counts: ReadonlyArray<number | undefined>): number | undefined {
  return counts.find(count => count !== undefined && count > 0) ?? counts.find(count => count !== undefined);
}
