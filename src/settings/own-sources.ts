import { settleQuietly } from '../boundary/callback.ts';

/** Ids from the user's function; where it throws or gives none, one is made, because a call must not fail for its name. */
export function idsFrom(generateId: (() => string) | undefined): () => string {
  const makeId = () => crypto.randomUUID();
  if (generateId === undefined) return makeId;
  return () => {
    const id = tryCall(generateId);
    if (typeof id === 'string' && id !== '') return id;
    return typeof id === 'number' ? String(id) : makeId();
  };
}

/** Numbers from 0 to below 1 from the user's function; anything else would make a delay or an order that is none. */
export function randomFrom(random: (() => number) | undefined): () => number {
  if (random === undefined) return Math.random;
  return () => {
    const number = tryCall(random);
    return typeof number === 'number' && number >= 0 && number <= 1 ? number : Math.random();
  };
}

function tryCall(source: () => unknown): unknown {
  try {
    const value = source();
    return settleQuietly(value) ? undefined : value;
  } catch {
    return undefined;
  }
}
