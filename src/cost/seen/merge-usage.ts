/** Sums of other counts; one that does not fit them any more is left out. */
const totals: ReadonlySet<string> = new Set(['total_tokens', 'totalTokens', 'totalTokenCount']);

/**
 * Puts a later usage of an answer over an earlier one. Counts only grow, so that a later 0, null, empty list or missing
 * count takes nothing back; a total that such a 0 went into is wrong, and left out.
 */
export function mergeUsage({ first, last }: { readonly first: unknown; readonly last: unknown }): unknown {
  if (!isRecord(first)) return last ?? first;
  if (!isRecord(last)) return first;
  let merged: Record<string, unknown> | undefined;
  let isContradicted = false;
  // A Gemini stream comes here with every chunk: no list of entries is made.
  for (const name in first) {
    const before = first[name];
    const after = last[name];
    if (before === after || totals.has(name)) continue;
    const value =
      isRecord(before) && isRecord(after)
        ? mergeUsage({ first: before, last: after })
        : isEmpty(after) && !isEmpty(before)
          ? before
          : after;
    if (value === after) continue;
    merged ??= { ...last };
    merged[name] = value;
    isContradicted ||= after === 0;
  }
  if (merged === undefined) return last;
  if (isContradicted) for (const name of totals) delete merged[name];
  return merged;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isEmpty(value: unknown): boolean {
  return value == null || value === 0 || (Array.isArray(value) && value.length === 0);
}
