import type { AttemptTimeoutError } from '../../failure/errors.ts';

/** A named limit and the moment it runs out. */
export type Limit = {
  readonly name: AttemptTimeoutError['limit'];
  readonly limitMs: number;
  readonly dueAtMs: number;
};

/** What most calls have. */
export const noLimit: Limit = {
  name: 'totalMs',
  limitMs: Number.POSITIVE_INFINITY,
  dueAtMs: Number.POSITIVE_INFINITY,
};

/** The limit that runs out first. */
export function earlier({ one, other }: { readonly one: Limit; readonly other: Limit }): Limit {
  return other.dueAtMs < one.dueAtMs ? other : one;
}
