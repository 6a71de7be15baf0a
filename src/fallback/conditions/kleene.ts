import type { Verdict } from './condition.ts';

/** What decides a combination, whatever its other parts say; where all say the opposite, that is what it says. */
export const deciding = { all: false, any: true } as const;

/** Joins two verdicts as three-valued logic does (Kleene's): `undefined` is what may yet be either. */
export function join({
  type,
  one,
  other,
}: {
  readonly type: 'all' | 'any';
  readonly one: Verdict;
  readonly other: Verdict;
}): Verdict {
  const decides = deciding[type];
  if (one === decides || other === decides) return decides;
  return one === undefined || other === undefined ? undefined : !decides;
}

/** The opposite; of nothing, nothing. */
export function negate(verdict: Verdict): Verdict {
  return verdict === undefined ? undefined : !verdict;
}
